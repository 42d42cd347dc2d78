import Files
import Foundation
import Tensor

extension Manifest {
  /// Reads a manifest.
  /// - Throws: `AudioError.manifest` with the line; `.missing`, `.unreadable`.
  public init(contentsOf path: String) throws(AudioError) {
    let lines = try Manifest.lines(of: path)
    guard let root = lines.first?.text else {
      throw .manifest(path: path, line: 1, reason: "empty; the first line must be the root folder")
    }
    guard !root.contains("\t"), Manifest.isFolder(root) else {
      throw .manifest(
        path: path, line: 1, reason: "the root '\(root)' is not a folder here; edit the first line")
    }
    self.init(root: root, entries: [])
    for line in lines.dropFirst() {
      entries.append(try Manifest.entry(line, of: path))
    }
    guard !entries.isEmpty else { throw .nothingUsable(path: path, skipped: []) }
    try checkForRepeats(lines, of: path)
  }

  /// Writes the manifest; the old file is replaced only when the new one is complete.
  /// - Throws: `FileError`.
  public func write(to path: String) throws {
    let lines = [root] + entries.map { "\($0.path)\t\($0.samples)" }
    let text = lines.joined(separator: "\n") + "\n"
    try AtomicFile.write(Data(text.utf8), to: URL(fileURLWithPath: path))
  }
}

extension Manifest {
  private typealias Line = (number: Int, text: String)

  /// The lines that are not blank, numbered from 1.
  private static func lines(of path: String) throws(AudioError) -> [Line] {
    let file = try OpenFile(path)
    let bytes = try file.bytes(at: 0, count: file.count)
    guard let text = String(validating: bytes.withoutMark, as: UTF8.self) else {
      throw .manifest(path: path, line: 1, reason: "no text; name a folder or a tsv manifest")
    }
    return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
      .map { (number: $0.offset + 1, text: String($0.element)) }
      .filter { !$0.text.allSatisfy(\.isWhitespace) }
  }

  private static func entry(_ line: Line, of path: String) throws(AudioError) -> Entry {
    let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 2, !fields[0].isEmpty else {
      throw .manifest(
        path: path, line: line.number,
        reason: "expected 'path<TAB>samples', got '\(line.text)'; write the manifest again")
    }
    guard let samples = Int(fields[1]), samples > 0 else {
      throw .manifest(
        path: path, line: line.number,
        reason: "'\(fields[1])' is not a positive number of samples; write the manifest again")
    }
    return Entry(path: String(fields[0]), samples: samples)
  }

  private func checkForRepeats(_ lines: [Line], of path: String) throws(AudioError) {
    // Compared as bytes: two names may be equal as text but differ on disk.
    var seen: Set<[UInt8]> = []
    for (line, entry) in zip(lines.dropFirst(), entries)
    where !seen.insert(Array(entry.path.utf8)).inserted {
      throw .manifest(
        path: path, line: line.number, reason: "'\(entry.path)' is listed twice; remove one line")
    }
  }
}

extension Collection where Element == UInt8 {
  /// The bytes without a UTF-8 byte order mark.
  package var withoutMark: SubSequence {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    return dropFirst(starts(with: mark) ? mark.count : 0)
  }
}
