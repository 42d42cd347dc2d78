import Foundation

/// A folder that one process at a time works in.
///
/// The lock is the system's (`flock`) on a file in the folder, so it ends with its process, however that
/// ends; the file stays. Where the file system has no locks, nothing is locked and `isMissing` is true.
public final class FolderLock: Sendable {
  /// Whether the file system has no locks, so that another process would not be noticed.
  public let isMissing: Bool
  private let descriptor: Int32
  /// The name of the file in the folder.
  package static let fileName = ".lock"

  /// Locks a folder until this object goes away.
  ///
  /// - Parameters:
  ///   - folder: Made if it is not there.
  ///   - path: What an error names; the folder unless given.
  /// - Throws: `FileError.busy` if another process, or another object in this one, has the lock.
  public init(_ folder: URL, for path: String? = nil) throws(FileError) {
    let file = folder.appendingPathComponent(Self.fileName).path
    while true {
      try AtomicFolder.make(folder)
      let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .writing(file) }
      let outcome = flock(descriptor, LOCK_EX | LOCK_NB)
      if outcome != 0, errno == EWOULDBLOCK {
        let holder = Self.holder(descriptor)
        close(descriptor)
        throw .busy(path: path ?? folder.path, holder: holder)
      }
      // The last owner may have removed the folder after it was opened here.
      if Self.isOpen(file, as: descriptor) {
        (self.descriptor, isMissing) = (descriptor, outcome != 0)
        break
      }
      close(descriptor)
    }
    Self.sign(descriptor)
  }

  deinit { close(descriptor) }

  /// Runs `body` while the folder is locked.
  /// - Throws: `FileError.busy`, or what `body` throws.
  public static func hold<R>(
    _ folder: URL, _ body: (FolderLock) throws -> R
  ) throws -> R {
    let lock = try FolderLock(folder)
    return try withExtendedLifetime(lock) { try body(lock) }
  }

  private static func isOpen(_ path: String, as descriptor: Int32) -> Bool {
    var (mine, there) = (stat(), stat())
    return fstat(descriptor, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino
      && mine.st_dev == there.st_dev
  }

  /// Says in the file who has the lock. It holds without, so a full disk does not matter.
  private static func sign(_ descriptor: Int32) {
    let process = ProcessInfo.processInfo
    let text = "process \(process.processIdentifier) on \(process.hostName)\n"
    guard ftruncate(descriptor, 0) == 0 else { return }
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  private static func holder(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init)
    return line.flatMap { $0.hasPrefix("process ") ? $0 : nil }
  }
}
