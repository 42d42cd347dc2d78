import Foundation

/// Writes a file so that its name always stands for a complete one: under a temporary name beside
/// it, flushed to the disk, then renamed.
public enum AtomicFile {
  /// Calls `body` to write the content of `url`.
  /// - Throws: `ModelError.file`, or what `body` throws; the old file is untouched then.
  public static func write(to url: URL, _ body: (FileHandle) throws -> Void) throws {
    let temporary = url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString).partial")
    guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
      throw failure(url, "cannot be written; does its folder exist, and is there room on the disk?")
    }
    do {
      let handle = try FileHandle(forWritingTo: temporary)
      defer { try? handle.close() }
      try body(handle)
      try handle.synchronize()
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
    guard rename(temporary.path, url.path) == 0 else {
      let reason = String(cString: strerror(errno))
      try? FileManager.default.removeItem(at: temporary)
      throw failure(url, "cannot be put in place (\(reason)); the new content was discarded")
    }
    flush(folder: url.deletingLastPathComponent())
  }

  /// Writes `data` as the content of `url`.
  public static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { try $0.write(contentsOf: data) }
  }

  /// A rename is durable only once the folder itself is on the disk. Some file systems refuse this;
  /// the file is complete either way.
  static func flush(folder: URL) {
    let descriptor = open(folder.path, O_RDONLY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func failure(_ url: URL, _ problem: String) -> ModelError {
    .file(url.path, problem: problem)
  }
}
