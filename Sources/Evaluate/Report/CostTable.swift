/// What one training of each run took.
struct CostTable {
  struct Row: Equatable {
    /// The run's place in the report.
    let run: Int
    let cells: [String]
  }

  static let heads = [
    "trainings", "steps", "audio heard", "operations", "of earlier stages", "CPU time",
  ]

  static let note =
    "What one training of each run took, the mean over its seeds. Audio heard is that of all crops, however often a piece "
    + "comes; operations are the floating-point ones of the products of its steps, and apart those of the earlier trainings "
    + "that its teachers come from; CPU time is that of all cores together, by its log, without teachers and labels."

  /// The runs of which it is known, in the order of the report.
  let rows: [Row]

  init(_ report: ComparisonReport) {
    rows = report.runs.enumerated().compactMap { index, run in
      run.cost.map { Row(run: index, cells: Self.cells(run, $0)) }
    }
  }

  private static func cells(_ run: RunSummary, _ cost: TrainingCost) -> [String] {
    [
      "\(run.trainings.count)", Wording.grouped(run.steps),
      Wording.duration(cost.hoursHeard * 3600), Wording.operations(cost.operations),
      cost.stageOperations == 0 ? "–" : Wording.operations(cost.stageOperations),
      cost.cpuSeconds.map(Wording.duration) ?? "not known",
    ]
  }
}
