import Files
import Foundation
import Synchronization

/// Where the bytes of an audio file lie: a file of the disk, or a range of a tar file.
///
/// A member of an archive has the archive's path, a slash and its name as its path: `shards/0001.tar/a/b.flac`.
struct FilePlace: Sendable {
  /// The path of the file on the disk.
  let container: String
  /// The member's bytes; nil if the file is no archive.
  let range: Range<Int>?

  init(container: String, range: Range<Int>?) {
    (self.container, self.range) = (container, range)
  }

  /// - Throws: `AudioError.missing` if an archive has no such member; the errors of a damaged archive.
  init(_ path: String) throws(AudioError) {
    guard let (archive, name) = Self.split(path) else {
      (container, range) = (path, nil)
      return
    }
    guard let member = try TarIndex.archive(at: archive).member(named: name) else {
      throw .missing(path: path)
    }
    (container, range) = (archive, member.range)
  }

  /// Where the bytes begin, and how many there are, in a container of `count` bytes.
  func extent(inFileOf count: Int) -> (start: Int, count: Int) {
    guard let range else { return (0, count) }
    let present = range.clamped(to: 0..<count)
    return (present.lowerBound, present.count)
  }

  /// The path of the archive that a path leads into, and the member's name; nil if it leads into none.
  static func split(_ path: String) -> (archive: String, name: String)? {
    guard path.range(of: ".tar/", options: .caseInsensitive) != nil else { return nil }
    let bytes = path.utf8
    var start = bytes.startIndex
    while let slash = bytes[start...].firstIndex(of: UInt8(ascii: "/")) {
      start = bytes.index(after: slash)
      let archive = String(path[..<slash])
      guard archive.isTarFile, isRegular(archive) else { continue }
      return (archive, String(path[start...]))
    }
    return nil
  }

  private static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(FileName.systemPath(path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

extension String {
  /// Whether it ends like the name of a tar file.
  var isTarFile: Bool { utf8.count > 4 && suffix(4).lowercased() == ".tar" }
}

/// The tables of contents of the archives that were read last, because each open of a member needs its archive's.
enum TarIndex {
  private static let most = 32
  private static let latest = Mutex<[(path: String, stamp: FileStamp, archive: TarArchive)]>([])

  /// The contents of an archive, which is read again if it has changed.
  /// - Throws: `AudioError`.
  static func archive(at path: String) throws(AudioError) -> TarArchive {
    let stamp = FileStamp(ofAudio: path)
    let known = latest.withLock { $0.first { $0.path == path && $0.stamp == stamp }?.archive }
    if let known { return known }
    let archive = try TarArchive(of: OpenFile(whole: path))
    if let stamp {
      latest.withLock { latest in
        latest.removeAll { $0.path == path }
        latest = latest.suffix(most - 1) + [(path, stamp, archive)]
      }
    }
    return archive
  }
}
