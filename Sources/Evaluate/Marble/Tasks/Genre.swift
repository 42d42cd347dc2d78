extension MarbleTask {
  /// The genre of GTZAN's clips of 30 s, with the fault-filtered split.
  static let genre = MarbleTask(
    "GTZAN", title: "genre", on: GTZAN.card,
    by: VectorProbing(
      metrics: [.accuracy], schedule: ProbeSchedule(epochs: 100, patience: 6, stopAfter: 20)),
    read: GTZAN.read)
}
