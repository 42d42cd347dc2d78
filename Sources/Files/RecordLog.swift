import Foundation

/// A text file to which records are appended, a line each, with tabs between the fields.
///
/// The last field of a line is the `ContentHash` of the others, so a line that a killed process or a full disk cut
/// short is passed over. A record is written in one call at the end of the file, so several processes may append at
/// once. If a key has several records, the last one counts.
package struct RecordLog: Sendable {
  private let url: URL

  /// A log at a path, which need not exist.
  package init(at url: URL) { self.url = url }

  /// The records, each with its number of fields; a record of another number is passed over.
  /// - Throws: `FileError` if the file cannot be read.
  package func records(fields count: Int) throws(FileError) -> [[Substring]] {
    guard let data = try Presence.content(of: url) else { return [] }
    return String(decoding: data, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n"))
      .compactMap { line in
        guard let tab = line.lastIndex(of: UInt8(ascii: "\t")),
          UInt64(Substring(line[line.index(after: tab)...]), radix: 16) == Self.check(line[..<tab])
        else { return nil }
        let fields = line[..<tab].split(
          separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        return fields.count == count ? fields.map { Substring($0) } : nil
      }
  }

  /// Appends a record, whose fields must not contain tabs or line breaks.
  /// - Throws: `FileError`.
  package func append(_ fields: [String]) throws(FileError) {
    let file = open(url.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .writing(url.path) }
    defer { close(file) }
    // The break comes first: it also ends a line that was cut short.
    let line = fields.joined(separator: "\t")
    let bytes = Array("\n\(line)\t\(String(Self.check(line.utf8), radix: 16))".utf8)
    let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw .writing(url.path) }
    guard count == bytes.count else { throw .unwritable(path: url.path, code: ENOSPC) }
  }

  private static func check(_ line: some Collection<UInt8>) -> UInt64 {
    var hash = ContentHash()
    hash.update(Array(line))
    return hash.value
  }
}
