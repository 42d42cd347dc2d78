import Foundation

extension Manifest {
  /// Reads a tsv.
  /// - Throws: `AudioError.manifest`, naming the file and the line; `.missing`, `.unreadable`.
  public init(contentsOf path: String) throws(AudioError) {
    let lines = try Manifest.lines(of: path)
    guard let root = lines.first?.text else {
      throw .manifest(path: path, line: 1, reason: "empty; the first line must be the root folder")
    }
    guard !root.contains("\t"), Manifest.isFolder(root) else {
      throw .manifest(
        path: path, line: 1, reason: "the root '\(root)' is no folder here; edit the first line")
    }
    self.init(root: root, entries: [])
    for line in lines.dropFirst() {
      entries.append(try Manifest.entry(line, of: path))
    }
    guard !entries.isEmpty else { throw .nothingUsable(path: path, skipped: 0) }
    try checkForRepeats(lines, of: path)
  }

  /// Writes a tsv, replacing what is there only when all is written.
  /// - Throws: `AudioError.unwritable`.
  public func write(to path: String) throws(AudioError) {
    let lines = [root] + entries.map { "\($0.path)\t\($0.samples)" }
    let text = lines.joined(separator: "\n") + "\n"
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }
}

extension Manifest {
  private typealias Line = (number: Int, text: String)

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// The lines that are not blank, numbered from 1.
  private static func lines(of path: String) throws(AudioError) -> [Line] {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(path: path, reason: "no permission")
    }
    guard let text = String(data: data, encoding: .utf8) else {
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
        reason: "'\(fields[1])' is no positive number of samples; write the manifest again")
    }
    return Entry(path: String(fields[0]), samples: samples)
  }

  private func checkForRepeats(_ lines: [Line], of path: String) throws(AudioError) {
    var seen: Set<String> = []
    for (line, entry) in zip(lines.dropFirst(), entries) where !seen.insert(entry.path).inserted {
      throw .manifest(
        path: path, line: line.number, reason: "'\(entry.path)' is listed twice; remove one line")
    }
  }
}
