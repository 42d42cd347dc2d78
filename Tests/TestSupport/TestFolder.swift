import Foundation

/// A folder of a test's own, removed with the object.
public final class TestFolder {
  /// Where it lies.
  public let url: URL

  /// A new, empty one.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("etude-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Its path.
  public var path: String { url.path }

  /// The path of something in it.
  public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes bytes, making the folders on the way.
  /// - Returns: The path of the file.
  @discardableResult
  public func write(_ data: Data, to name: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
    return file.path
  }

  /// Writes text, making the folders on the way.
  /// - Returns: The path of the file.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(Data(text.utf8), to: name)
  }

  /// Cuts a file to this share of its bytes.
  public func cut(_ name: String, to share: Double) throws {
    let data = try Data(contentsOf: url.appendingPathComponent(name))
    try write(data.prefix(Int(Double(data.count) * share)), to: name)
  }

  /// What a file in it says.
  public func text(of name: String) throws -> String {
    try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
  }

  /// All names in it, sorted.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }
}

/// Calls `body` with a fresh folder that is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = try TestFolder()
  return try withExtendedLifetime(folder) { try body(folder.url) }
}

/// Lets no file of this process grow beyond so many bytes from now on: it stands for a full disk. A later call
/// may raise the limit. For exit tests.
public func limitFileSize(to bytes: Int) {
  signal(SIGXFSZ, SIG_IGN)
  let kind = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  var limit = rlimit()
  getrlimit(kind, &limit)
  limit.rlim_cur = rlim_t(bytes)
  setrlimit(kind, &limit)
}
