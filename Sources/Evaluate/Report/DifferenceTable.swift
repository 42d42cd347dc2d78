/// The differences of a report as a table: a row for each run besides the one that it is held against.
struct DifferenceTable {
  /// All of them, computed once.
  private let differences: [RunDifference]
  /// What is written above the table.
  let notes: [String]
  /// The name of the run that the others are held against; nil if there is no difference, and the notes alone say why.
  let baseline: String?
  /// The other runs, by their places in the report.
  let places: [Int]

  /// Nil for a report that has none: of one run, or of single seeds.
  init?(_ report: ComparisonReport) {
    differences = report.differences
    baseline = differences.first?.baseline
    let rows = differences.map(\.model)
    places = report.runs.indices.filter { rows.contains(report.runs[$0].name) }
    notes = ReportNotes.differences(report, differences)
    if notes.isEmpty { return nil }
  }

  /// `Against vanilla`
  var title: String { baseline.map { "Against \($0)" } ?? "Recipe against recipe" }

  func difference(of model: String, on task: String) -> RunDifference? {
    differences.first { $0.model == model && $0.task == task }
  }
}
