extension MarbleTask {
  /// The key of the songs of GiantSteps, from clips of 30 s, each a file of its own in MARBLE; of four ways to make one answer of the clips' the
  /// validation part chooses.
  static let key = MarbleTask(
    "GS", title: "key", on: GiantSteps.card,
    by: VectorProbing(
      Excerpts(window: 30, leastRest: 30, standsAlone: true), metrics: [.weightedKey, .accuracy],
      aggregations: Aggregation.allCases, trainsOnStretches: true,
      schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20)),
    v2: VectorProbing(
      .clips(of: 30, firstChannel: true), metrics: [.weightedKey, .accuracy],
      schedule: ProbeSchedule(epochs: 50, patience: 5, stopAfter: 20, factor: 0.1),
      fixed: FixedTraining()),
    read: GiantSteps.read)
}
