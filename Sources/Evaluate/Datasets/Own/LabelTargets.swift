import Foundation

/// What the rows of a `LabelTable` are labelled with.
struct LabelTargets {
  /// The names of classes or tags, ascending; `number` for a value.
  let classes: [String]
  /// One for each row.
  let truths: [Truth]

  /// Reads the column of labels.
  /// - Throws: `DatasetError` with the line if a cell is malformed; if all rows have the same label.
  init(_ columns: LabelColumns) throws(DatasetError) {
    switch columns.target {
    case .label: self = try .init(classesOf: columns)
    case .labels: self = try .init(tagsOf: columns)
    case .number: self = try .init(numbersOf: columns)
    }
  }

  private init(classesOf columns: LabelColumns) throws(DatasetError) {
    let table = columns.table
    let column = table.index(of: "label")
    let labels = try table.rows.map { row throws(DatasetError) in
      try columns.filledCell(column, of: row)
    }
    let names = Set(labels).sorted()
    guard names.count > 1 else {
      throw Self.monotony(in: table, "'\(names[0])' is the only class")
    }
    let numbers = Self.numbers(of: names)
    (classes, truths) = (names, labels.map { .label(numbers[$0]!) })
  }

  private init(tagsOf columns: LabelColumns) throws(DatasetError) {
    let table = columns.table
    let column = table.index(of: "labels")
    let tags = try table.rows.map { row throws(DatasetError) in
      try table.cell(column, of: row).split(separator: "|")
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    guard Set(tags.map(Set.init)).count > 1 else {
      throw Self.monotony(in: table, "all rows have the same set of tags")
    }
    let names = Set(tags.joined()).sorted()
    let numbers = Self.numbers(of: names)
    (classes, truths) = (names, tags.map { .labels(Set($0.map { numbers[$0]! }).sorted()) })
  }

  private init(numbersOf columns: LabelColumns) throws(DatasetError) {
    let table = columns.table
    let column = table.index(of: "number")
    let numbers = try table.rows.map { row throws(DatasetError) in
      try table.number(column, of: row)
    }
    guard Set(numbers).count > 1 else {
      throw Self.monotony(in: table, "\(numbers[0]) is the only number")
    }
    (classes, truths) = (["number"], numbers.map { .numbers([$0]) })
  }

  private static func numbers(of names: [String]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
  }

  private static func monotony(in table: DelimitedTable, _ reason: String) -> DatasetError {
    .malformed(table.path, line: table.rows[0].line, reason: "\(reason); give at least two")
  }
}
