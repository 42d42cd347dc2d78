import Foundation

/// A text table: one row a line, cells between commas or tabs.
///
/// Lines end with LF or CRLF; empty lines are passed over; a byte order mark is ignored. Cells may stand in double
/// quotes, in which a doubled quote is one (RFC 4180); a quoted cell ends with its line. Rows may be of unequal length.
struct DelimitedTable: Sendable {
  /// A row and the number of its line in the file, from 1.
  struct Row: Sendable {
    var line: Int
    var cells: [String]
  }

  /// The file, for errors.
  let path: String
  /// The cells of the first row, without the blanks around them.
  let header: [String]
  /// All rows after the first.
  let rows: [Row]

  /// - Parameters:
  ///   - path: The file.
  ///   - separator: What stands between cells.
  ///   - columns: Names that the header must have, in any order.
  /// - Throws: `DatasetError` if the file cannot be read, is not UTF-8, is empty or lacks a column.
  init(
    _ path: String, separator: Character, columns: [String] = []
  ) throws(DatasetError) {
    let lines = try TextFile.lines(of: path)
    var rows = lines.map { Row(line: $0.number, cells: Self.cells(of: $0.text, separator)) }
    guard !rows.isEmpty else {
      throw .malformed(path, line: 0, reason: "is empty; get the file again")
    }
    self.path = path
    header = rows.removeFirst().cells.map { $0.trimmingCharacters(in: .whitespaces) }
    self.rows = rows
    for column in columns where !header.contains(column) {
      let known = header.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      throw .malformed(path, line: 1, reason: "has no column '\(column)'; its columns are \(known)")
    }
  }

  /// The place of a column.
  /// - Traps when: the header lacks it, which `init` checks.
  func index(of column: String) -> Int { header.firstIndex(of: column)! }

  /// A cell of a row.
  /// - Throws: `DatasetError.malformed` if the row is too short.
  func cell(_ column: Int, of row: Row) throws(DatasetError) -> String {
    guard column < row.cells.count else {
      throw .malformed(
        path, line: row.line,
        reason: "has \(row.cells.count) cells where '\(header[column])' is number \(column + 1)")
    }
    return row.cells[column]
  }

  /// A cell as a finite number.
  /// - Throws: `DatasetError.malformed` if it is none.
  func number(_ column: Int, of row: Row) throws(DatasetError) -> Double {
    let text = try cell(column, of: row)
    guard let number = Double(text.trimmingCharacters(in: .whitespaces)), number.isFinite else {
      throw .malformed(
        path, line: row.line, reason: "'\(header[column])' is '\(text)', which is no number")
    }
    return number
  }

  private static func cells(of line: String, _ separator: Character) -> [String] {
    var cells = [""]
    var isQuoted = false
    var characters = line.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      switch character {
      case "\"" where isQuoted && next == "\"":
        cells[cells.count - 1].append("\"")
        next = characters.next()
      case "\"" where isQuoted || cells.last!.isEmpty: isQuoted.toggle()
      case separator where !isQuoted: cells.append("")
      default: cells[cells.count - 1].append(character)
      }
    }
    return cells
  }
}

/// A text file of a data set.
enum TextFile {
  /// The lines that are not empty, with their numbers from 1, without their ends.
  /// - Throws: `DatasetError` if the file cannot be read or is not UTF-8.
  static func lines(of path: String) throws(DatasetError) -> [(number: Int, text: String)] {
    let text = try content(of: path)
    // CR LF is one character.
    return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().filter { !$0.element.isEmpty }.map { ($0.offset + 1, String($0.element)) }
  }

  /// Everything in it, without a byte order mark.
  /// - Throws: `DatasetError` if the file cannot be read or is not UTF-8.
  static func content(of path: String) throws(DatasetError) -> String {
    let data = try bytes(of: path)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw .malformed(
        path, line: 0, reason: "is no UTF-8 text; save it as UTF-8, or get the file again")
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }

  /// Its bytes.
  /// - Throws: `DatasetError` if the file cannot be read.
  static func bytes(of path: String) throws(DatasetError) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw .unreadable(path, reason: exists ? "cannot be read" : "no such file")
    }
  }
}
