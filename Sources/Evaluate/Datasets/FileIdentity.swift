import Audio
import Files
import Foundation
import Tensor

/// What distinguishes files: the length in bytes, which is cheap to read, and the content.
struct FileIdentity: Sendable {
  let length: Int
  let hash: UInt64

  init(_ path: String) throws {
    (length, hash) = (Self.length(of: path) ?? 0, try ContentHash.ofFile(at: path))
  }

  /// In bytes; nil if there is no such file.
  static func length(of path: String) -> Int? {
    let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    return (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
  }
}

extension FileIdentity {
  /// How many of some files are among others, by content. Files that cannot be read are passed over, and only those are
  /// read whose lengths occur in both.
  static func count(of files: [String], among others: [String]) -> Int {
    let lengths = Set(files.compactMap(length)).intersection(others.compactMap(length))
    let known = hashes(of: others, withLengths: lengths)
    return contents(of: files, withLengths: lengths).count { known.contains($0) }
  }

  /// The contents of those of some files that have one of these lengths.
  static func hashes(of files: [String], withLengths lengths: Set<Int>) -> Set<UInt64> {
    Set(contents(of: files, withLengths: lengths))
  }

  /// The same, one for each file that can be read.
  private static func contents(of files: [String], withLengths lengths: Set<Int>) -> [UInt64] {
    contents(of: files.filter { length(of: $0).map(lengths.contains) ?? false })
  }

  /// The content of each file that can be read.
  static func contents(of files: [String]) -> [UInt64] {
    Cores.map(files.count) { try? ContentHash.ofFile(at: files[$0]) }.compactMap(\.self)
  }
}
