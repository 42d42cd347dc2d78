extension MarbleTask {
  /// Arousal and valence of the clips of emoMusic, from the first 30 s in stretches of 5 s.
  static let emotion = MarbleTask(
    "EMO", title: "emotion", on: EmoMusic.card,
    by: VectorProbing(
      Excerpts(limit: 30, window: 5),
      metrics: [.r2Arousal, .r2Valence],
      monitor: .meanR2, schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20)),
    read: EmoMusic.read)
}
