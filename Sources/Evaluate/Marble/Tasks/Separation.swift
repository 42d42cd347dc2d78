extension MarbleTask {
  /// The four sources of the songs of MUSDB18.
  static let separation = MarbleTask(
    "MUSDB18", title: "source separation", on: MUSDB18.card, by: SeparationProbing(),
    read: MUSDB18.read)
}
