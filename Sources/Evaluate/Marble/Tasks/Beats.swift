extension MarbleTask {
  /// The beats of GTZAN's clips, as GTZAN-Rhythm annotates them.
  static let beats = MarbleTask(
    "GTZANBT", title: "beats", on: GTZANRhythm.card,
    by: BeatProbing(schedule: ProbeSchedule(epochs: 100, patience: 6, stopAfter: 20)),
    read: GTZANRhythm.read)
}
