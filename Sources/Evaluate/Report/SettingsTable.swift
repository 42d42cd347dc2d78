/// The runs' settings, one row per path and one column per run.
struct SettingsTable {
  struct Row: Equatable {
    let path: String
    /// One value per run; none where the run's recipe has no such setting.
    let values: [String?]

    var differs: Bool { values.contains { $0 != values[0] } }
  }

  let rows: [Row]

  /// The rows whose values are not the same in all runs.
  var differing: [Row] { rows.filter(\.differs) }

  /// The rows that all runs share.
  var common: [Row] { rows.filter { !$0.differs } }

  init(_ runs: [RunSummary]) {
    let values = runs.map { run in
      Dictionary(run.recipe.map { ($0.path, $0.value) }, uniquingKeysWith: { _, last in last })
    }
    let paths = runs.flatMap { $0.recipe.map(\.path) }.uniqued()
    rows = paths.map { path in Row(path: path, values: values.map { $0[path] }) }
  }
}
