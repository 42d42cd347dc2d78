extension MarbleTask {
  /// The tags of a category of MTG-Jamendo, from whole tracks in stretches of 30 s.
  static func jamendo(_ category: MTGJamendo.Category) -> MarbleTask {
    MarbleTask(
      category.task, title: category.title, on: MTGJamendo.card,
      by: VectorProbing(
        Excerpts(window: 30), metrics: [.rocAUC, .averagePrecision],
        schedule: ProbeSchedule(epochs: 100, patience: 3, stopAfter: 10)),
      v2: VectorProbing(
        .clips(of: 30, firstChannel: false), metrics: [.rocAUC, .averagePrecision],
        schedule: ProbeSchedule(epochs: 20, patience: 3, stopAfter: 10),
        fixed: FixedTraining(batchSize: 128, joinsLayers: category == .top50tags))
    ) { root throws(DatasetError) in try MTGJamendo.read(root, category: category) }
  }
}

extension MTGJamendo.Category {
  fileprivate var task: String {
    switch self {
    case .genre: "MTGGenre"
    case .instrument: "MTGInstrument"
    case .moodtheme: "MTGMood"
    case .top50tags: "MTGTop50"
    }
  }

  fileprivate var title: String {
    switch self {
    case .genre: "genre tags"
    case .instrument: "instrument tags"
    case .moodtheme: "mood and theme tags"
    case .top50tags: "the 50 most frequent tags"
    }
  }
}
