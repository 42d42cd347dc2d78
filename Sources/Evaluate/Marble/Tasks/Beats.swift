extension MarbleTask {
  /// The beats of GTZAN's clips, as GTZAN-Rhythm annotates them.
  static let beats = MarbleTask(
    "GTZANBT", title: "beats", on: GTZANRhythm.card,
    by: BeatProbing(schedule: ProbeSchedule(epochs: 100, patience: 6, stopAfter: 20)),
    v2: ClipBeatProbing(
      schedule: ProbeSchedule(epochs: 50, patience: 5, stopAfter: 10),
      fixed: FixedTraining(joinsLayers: true)),
    read: GTZANRhythm.read)
}
