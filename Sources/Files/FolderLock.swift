import Foundation

/// Locks a folder, so that only one process at a time works in it.
///
/// The lock is a `flock` of the system on a file in the folder. It ends with its process, even if
/// that is killed; the file stays. On a file system without locks nothing is locked and `isMissing`
/// is true.
public final class FolderLock: Sendable {
  /// Whether the file system has no locks, so that another process is not detected.
  public let isMissing: Bool
  private let descriptor: Int32
  /// The name of the lock file.
  package static let fileName = ".lock"

  /// Locks a folder until this object is released.
  ///
  /// - Parameters:
  ///   - folder: Created if missing.
  ///   - path: The path for error messages; the folder if nil.
  /// - Throws: `FileError.busy` if another process, or another object in this process, holds the
  ///   lock.
  public init(_ folder: URL, for path: String? = nil) throws(FileError) {
    let file = folder.appendingPathComponent(Self.fileName).path
    while true {
      try AtomicFolder.make(folder)
      let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .writing(file) }
      let outcome = Self.lock(descriptor)
      if outcome != 0, errno == EWOULDBLOCK {
        let holder = Self.holder(descriptor)
        close(descriptor)
        throw .busy(path: path ?? folder.path, holder: holder)
      }
      // The previous owner may have removed the folder after the file was opened here.
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

  /// Runs `body` while the folder is locked, as soon as nobody else holds it.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - waiting: Called once, with who holds it, if known, where somebody does.
  ///   - body: What to do.
  package static func holdInTurn<R>(
    _ folder: URL, waiting: (_ holder: String?) -> Void = { _ in }, _ body: () throws -> R
  ) throws -> R {
    var isWaiting = false
    while true {
      let lock = Result { () throws(FileError) in try FolderLock(folder) }
      if case .failure(.busy(_, let holder)) = lock {
        if !isWaiting { waiting(holder) }
        isWaiting = true
        usleep(200_000)
        continue
      }
      return try withExtendedLifetime(lock.get()) { try body() }
    }
  }

  /// Whether an object or a process holds the lock of a folder. This takes the lock for a moment, which
  /// `init` waits for.
  public static func isHeld(_ folder: URL) -> Bool {
    let descriptor = open(folder.appendingPathComponent(fileName).path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// - Returns: What `flock` returns. A lock that is held is tried again for 50 ms.
  private static func lock(_ descriptor: Int32) -> Int32 {
    for _ in 0..<5 {
      guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return 0 }
      guard errno == EWOULDBLOCK else { return -1 }
      usleep(10_000)
    }
    return flock(descriptor, LOCK_EX | LOCK_NB)
  }

  private static func isOpen(_ path: String, as descriptor: Int32) -> Bool {
    var (mine, there) = (stat(), stat())
    return fstat(descriptor, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino
      && mine.st_dev == there.st_dev
  }

  /// Writes the owner into the lock file. The lock does not depend on it, so a full disk does no
  /// harm.
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
