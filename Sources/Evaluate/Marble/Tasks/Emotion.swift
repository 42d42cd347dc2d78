extension MarbleTask {
  /// Arousal and valence of the clips of emoMusic, from the first 30 s in stretches of 5 s.
  static let emotion = MarbleTask(
    "EMO", title: "emotion", on: EmoMusic.card,
    by: VectorProbing(
      Excerpts(limit: 30, window: 5),
      metrics: metrics, monitor: .meanR2,
      schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20)),
    v2: VectorProbing(
      .clips(of: 15, firstChannel: true), metrics: metrics, monitor: .meanR2,
      schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20), fixed: FixedTraining()),
    read: EmoMusic.read)

  private static let metrics: [OutputMetric] = [.r2Arousal, .r2Valence]
}
