import Tensor

/// Scores of a model on tasks of MARBLE, as its papers print them: percent, and decibels for separation.
///
/// - Source: Yuan et al. 2023, *MARBLE: Music Audio Representation Benchmark for Universal Evaluation*
///   (arXiv 2306.10548v1), tables 1, 3 and 4.
package struct MarbleScores: Hashable, Sendable {
  /// The 14 tasks by their names in MARBLE's code.
  package enum Task: String, CaseIterable, Codable, Sendable {
    /// Tagging, MagnaTagATune.
    case mtt = "MTT"
    /// Key, GiantSteps.
    case gs = "GS"
    /// Genre, GTZAN.
    case gtzan = "GTZAN"
    /// Beats, GTZAN-Rhythm.
    case gtzanBeats = "GTZANBT"
    /// Emotion, emoMusic.
    case emo = "EMO"
    /// Instrument family, NSynth.
    case nsynthInstrument = "NSynthI"
    /// Pitch, NSynth.
    case nsynthPitch = "NSynthP"
    /// Singer, VocalSet.
    case vocalSetSinger = "VocalSetS"
    /// Vocal technique, VocalSet.
    case vocalSetTechnique = "VocalSetT"
    /// Genre tags, MTG-Jamendo.
    case mtgGenre = "MTGGenre"
    /// Instrument tags, MTG-Jamendo.
    case mtgInstrument = "MTGInstrument"
    /// Mood and theme tags, MTG-Jamendo.
    case mtgMood = "MTGMood"
    /// The 50 most frequent tags, MTG-Jamendo.
    case mtgTop50 = "MTGTop50"
    /// Source separation, MUSDB18.
    case musdb18 = "MUSDB18"

    /// What is measured on it.
    package var metrics: [Metric] {
      switch self {
      case .mtt, .mtgGenre, .mtgInstrument, .mtgMood, .mtgTop50: [.rocAUC, .averagePrecision]
      case .gs: [.weightedKey]
      case .gtzanBeats: [.beatF]
      case .emo: [.r2Valence, .r2Arousal]
      case .musdb18: [.sdrVocals, .sdrDrums, .sdrBass, .sdrOther]
      case .gtzan, .nsynthInstrument, .nsynthPitch, .vocalSetSinger, .vocalSetTechnique: [.accuracy]
      }
    }
  }

  /// What is measured.
  package enum Metric: String, CaseIterable, Codable, Sendable {
    /// ``ROCAUC``, percent.
    case rocAUC
    /// ``AveragePrecision``, percent.
    case averagePrecision
    /// ``Evaluate/Metric/weightedKey``, percent.
    case weightedKey
    /// The share of hits, percent.
    case accuracy
    /// The F-measure of all beats together, ``BeatScores/pooled``, percent.
    case beatF
    /// ``R2`` of arousal, percent.
    case r2Arousal
    /// ``R2`` of valence, percent.
    case r2Valence
    /// ``SDR`` of vocals, decibels.
    case sdrVocals
    /// ``SDR`` of drums, decibels.
    case sdrDrums
    /// ``SDR`` of bass, decibels.
    case sdrBass
    /// ``SDR`` of everything else, decibels.
    case sdrOther
  }

  private var values: [Task: [Metric: Double]]

  /// - Traps when: a task has a score of a metric that is not its own.
  package init(_ values: [Task: [Metric: Double]] = [:]) {
    for (task, scores) in values {
      let others = scores.keys.filter { !task.metrics.contains($0) }.map(\.rawValue).sorted()
      precondition(
        others.isEmpty,
        "MarbleScores.init: \(task.rawValue) has \(task.metrics.map(\.rawValue)), got \(others)")
    }
    self.values = values
  }

  /// One score; nil if it is not known.
  package subscript(task: Task, metric: Metric) -> Double? { values[task]?[metric] }

  /// The plain mean of all metrics of a task; nil if one is not known.
  package func mean(of task: Task) -> Double? {
    let known = task.metrics.compactMap { self[task, $0] }
    return known.count == task.metrics.count ? known.reduce(0, +) / Double(known.count) : nil
  }
}
