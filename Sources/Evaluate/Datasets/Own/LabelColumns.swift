import Foundation

/// The columns of a `LabelTable`, and the rows that they are read from.
struct LabelColumns {
  /// What a table can be labelled with, by the name of the column.
  enum Target: String, CaseIterable {
    case label, labels, number
  }

  let table: DelimitedTable
  let target: Target
  /// The place of the column `split`; nil if parts are divided by a hash.
  let split: Int?
  private let path: Int
  private let track: Int?
  private let times: (start: Int, end: Int)?

  /// Reads the file and finds the columns.
  /// - Throws: `DatasetError` if it is neither csv nor tsv, or if a column is missing, superfluous or there twice.
  init(_ url: URL) throws(DatasetError) {
    let separator = try Self.separator(of: url)
    table = try DelimitedTable(url.path, separator: separator, columns: ["path"])
    let header = table.header
    for name in header where !name.isEmpty && header.count(where: { $0 == name }) > 1 {
      throw .malformed(url.path, line: 1, reason: "has two columns '\(name)'; keep one")
    }
    target = try Self.target(of: table)
    (path, track) = (table.index(of: "path"), header.firstIndex(of: "track"))
    split = header.firstIndex(of: "split")
    switch (header.firstIndex(of: "start"), header.firstIndex(of: "end")) {
    case (let start?, let end?): times = (start, end)
    case (nil, nil): times = nil
    default:
      throw .malformed(url.path, line: 1, reason: "has one of 'start' and 'end'; give both")
    }
  }

  /// All rows of the table.
  /// - Throws: `DatasetError` with the line of the first that is malformed; if there is none.
  func rows() throws(DatasetError) -> [LabelRow] {
    guard !table.rows.isEmpty else {
      throw .malformed(table.path, line: 0, reason: "has no rows below its header")
    }
    return try table.rows.map { row throws(DatasetError) in
      let path = try filledCell(path, of: row)
      let track = try track.map { column throws(DatasetError) in try filledCell(column, of: row) }
      return LabelRow(
        line: row.line, path: path, time: try time(of: row),
        split: try split(of: row, track: track ?? path), track: track ?? path)
    }
  }

  /// A cell without the blanks around it, which must not be empty.
  /// - Throws: `DatasetError.malformed` if it is, or if the row is too short.
  func filledCell(_ column: Int, of row: DelimitedTable.Row) throws(DatasetError) -> String {
    let text = try table.cell(column, of: row).trimmingCharacters(in: .whitespaces)
    guard !text.isEmpty else {
      throw .malformed(
        table.path, line: row.line, reason: "'\(table.header[column])' is empty")
    }
    return text
  }

  private func time(of row: DelimitedTable.Row) throws(DatasetError) -> Range<Double>? {
    guard let times else { return nil }
    let cells = [try table.cell(times.start, of: row), try table.cell(times.end, of: row)]
    if cells.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { return nil }
    let start = try table.number(times.start, of: row)
    let end = try table.number(times.end, of: row)
    guard 0 <= start, start < end else {
      throw .malformed(
        table.path, line: row.line,
        reason: "goes from \(start) to \(end) s; 'start' is at least 0 and 'end' is later")
    }
    return start..<end
  }

  private func split(
    of row: DelimitedTable.Row, track: String
  ) throws(DatasetError) -> Split {
    guard let split else { return TrackSplit.part(of: track) }
    let name = try filledCell(split, of: row)
    guard let known = Split(rawValue: name) else {
      throw .malformed(
        table.path, line: row.line, reason: "'split' is '\(name)', not train, valid or test")
    }
    return known
  }

  private static func separator(of url: URL) throws(DatasetError) -> Character {
    switch url.pathExtension.lowercased() {
    case "csv": ","
    case "tsv": "\t"
    default:
      throw .unreadable(url.path, reason: "a table of labels ends with .csv or .tsv")
    }
  }

  private static func target(of table: DelimitedTable) throws(DatasetError) -> Target {
    let present = Target.allCases.filter { table.header.contains($0.rawValue) }
    guard present.count == 1 else {
      throw .malformed(
        table.path, line: 1,
        reason: "needs one of the columns 'label', 'labels' and 'number', has \(present.count)")
    }
    return present[0]
  }
}
