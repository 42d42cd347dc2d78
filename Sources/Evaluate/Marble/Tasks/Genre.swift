extension MarbleTask {
  /// The genre of GTZAN's clips of 30 s, with the fault-filtered split.
  static let genre = MarbleTask(
    "GTZAN", title: "genre", on: GTZAN.card,
    by: VectorProbing(
      metrics: [.accuracy], schedule: ProbeSchedule(epochs: 100, patience: 6, stopAfter: 20)),
    v2: VectorProbing(
      .clips(of: 30.2, firstChannel: true), metrics: [.accuracy], aggregations: [.meanProbability],
      schedule: ProbeSchedule(epochs: 100, patience: 6, stopAfter: 20),
      fixed: FixedTraining(rate: 5e-3)),
    read: GTZAN.read)
}
