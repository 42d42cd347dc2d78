import Foundation
import Settings

/// The errors of files and folders, independent of their content. Each description is one line with
/// the path and a remedy.
public enum FileError: Error, Equatable, CustomStringConvertible {
  /// The system refuses to write: its `errno`, and the missing space in bytes, if known.
  case unwritable(path: String, code: Int32, missing: Int? = nil)
  /// The system refuses to read: its `errno`.
  case unreadable(path: String, code: Int32)
  /// The path names another kind of file than required.
  case unsuitable(path: String, reason: String)
  /// Another process uses the folder; `holder` names it, if known.
  case busy(path: String, holder: String?)

  /// The path, a colon, the reason, and what to do.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .unwritable(let path, let code, let missing):
      "\(path): cannot be written: \(Self.reason(code, missing)); \(Self.remedy(code))"
    case .unreadable(let path, let code):
      "\(path): cannot be read: \(Self.text(code)); "
        + "is its disk mounted, and do its permissions allow it?"
    case .unsuitable(let path, let reason): "\(path): \(reason)"
    case .busy(let path, let holder):
      "\(path): another process works here\(holder.map { " (\($0))" } ?? ""); "
        + "wait until it has ended, or choose another place"
    }
  }

  /// Whether the disk, the quota or the limit of file sizes is exhausted.
  var isLackOfRoom: Bool {
    if case .unwritable(_, let code, _) = self { Self.lackOfRoom.contains(code) } else { false }
  }

  /// The same error for another path, with the space that is missing there.
  func moved(to path: String, missing: Int?) -> FileError {
    guard case .unwritable(_, let code, let known) = self else { return self }
    return .unwritable(path: path, code: code, missing: missing ?? known)
  }

  private static let lackOfRoom = [ENOSPC, EDQUOT, EFBIG]

  private static func reason(_ code: Int32, _ missing: Int?) -> String {
    let text = text(code)
    return missing.map { "\(text), \(size($0)) are missing" } ?? text
  }

  private static func text(_ code: Int32) -> String {
    switch code {
    case ENOSPC: "the disk is full"
    case ENOENT: "no such file or folder"
    default: String(cString: strerror(code)).lowercasedFirst
    }
  }

  private static func remedy(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "make room or choose another disk"
    case EFBIG: "raise the limit of a file's size (ulimit -f) or choose another disk"
    case ENOENT: "make its folder first"
    case EPIPE: "read it to its end"
    case EIO: "the disk is failing, choose another"
    default: "choose another place or change its permissions"
    }
  }

  /// Bytes in the largest unit in which the number is at least one.
  private static func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1_000: "\(bytes) bytes"
    case ..<1_000_000: String(format: "%.1f kB", Double(bytes) / 1e3)
    case ..<1_000_000_000: String(format: "%.1f MB", Double(bytes) / 1e6)
    default: String(format: "%.1f GB", Double(bytes) / 1e9)
    }
  }
}

extension FileError {
  /// The error of a failed system call, from `errno`.
  package static func writing(_ path: String) -> FileError { .unwritable(path: path, code: errno) }

  /// The system error inside an error that Foundation threw while `path` was written; nil if there
  /// is none.
  package init?(_ error: any Error, writing path: String) {
    guard let code = Self.code(of: error as NSError) else { return nil }
    self = .unwritable(path: path, code: code)
  }

  static func code(of error: NSError) -> Int32? {
    if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
    return (error.userInfo[NSUnderlyingErrorKey] as? NSError).flatMap(code)
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
