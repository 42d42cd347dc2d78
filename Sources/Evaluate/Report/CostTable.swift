/// What one training of each run took.
struct CostTable {
  struct Row: Equatable {
    /// The run's place in the report.
    let run: Int
    let cells: [String]
  }

  static let heads = [
    "trainings", "steps", "hours heard", "PFLOP", "of earlier stages", "CPU hours",
  ]

  static let note =
    "What one training of each run took, the mean over its seeds. Hours heard are those of all crops, however often a "
    + "piece comes; PFLOP are 10¹⁵ floating-point operations of the products of its steps, and apart those of the earlier "
    + "trainings that its teachers come from; CPU hours are those of all cores together, by its log, without teachers and "
    + "labels."

  /// The runs of which it is known, in the order of the report.
  let rows: [Row]

  init(_ report: ComparisonReport) {
    rows = report.runs.enumerated().compactMap { index, run in
      run.cost.map { Row(run: index, cells: Self.cells(run, $0)) }
    }
  }

  private static func cells(_ run: RunSummary, _ cost: TrainingCost) -> [String] {
    [
      "\(run.trainings.count)", Wording.grouped(run.steps), Wording.significant(cost.hoursHeard),
      Wording.significant(cost.operations / 1e15),
      cost.stageOperations == 0 ? "–" : Wording.significant(cost.stageOperations / 1e15),
      cost.cpuSeconds.map { Wording.significant($0 / 3600) } ?? "not known",
    ]
  }
}
