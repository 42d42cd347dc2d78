extension MarbleTask {
  /// The 50 most frequent tags of MagnaTagATune, whole clips.
  static let tagging = MarbleTask(
    "MTT", title: "tagging", on: MagnaTagATune.card,
    by: VectorProbing(
      metrics: [.rocAUC, .averagePrecision],
      schedule: ProbeSchedule(epochs: 100, patience: 3, stopAfter: 10)),
    v2: VectorProbing(
      .clips(of: 30, firstChannel: false), metrics: [.rocAUC, .averagePrecision],
      schedule: ProbeSchedule(epochs: 50, patience: 3, stopAfter: 10),
      fixed: FixedTraining(batchSize: 128, joinsLayers: true)),
    read: MagnaTagATune.read)
}
