extension Metric {
  /// The metrics of numbers and of several labels an item: of probes whose answers are more than a class.
  ///
  /// They are in reports; a recipe of probes, whose answers are classes, cannot name them.
  static let ofOutputs: [Metric] = [
    Metric(.rocAUC, worst: 0), Metric(.averagePrecision, worst: 0),
    Metric(.meanR2, worst: -.infinity), Metric(.r2Arousal, worst: -.infinity),
    Metric(.r2Valence, worst: -.infinity),
  ]

  /// The metric of a probe's outputs in a report; nil if none has its name.
  init?(of outputs: OutputMetric) { self.init(rawValue: outputs.metric.id) }

  private init(_ outputs: OutputMetric, worst: Double) {
    let metric = outputs.metric
    self.init(
      metric.id, name: metric.name, unit: metric.unit, worst: worst, best: metric.best ?? .infinity,
      leastGain: 0.01, scores: { _ in false }, score: { _ in .nan })
  }
}

extension OutputMetric {
  /// The coefficient of determination of arousal, the first of emoMusic's numbers.
  static let r2Arousal = r2("r2Arousal", of: 0, "R² arousal")
  /// The coefficient of determination of valence, the second of emoMusic's numbers.
  static let r2Valence = r2("r2Valence", of: 1, "R² valence")

  /// The score of an answer that does not depend on the item.
  /// - Parameters:
  ///   - truth: What is true of each item.
  ///   - classes: The names of the classes.
  package func chance(of truth: [Truth], among classes: [String]) -> Double {
    if let chance = metric.chance, metric.id != Metric.weightedKey.rawValue { return chance }
    let labels = truth.compactMap(\.asLabel)
    if let metric = Metric(of: self), labels.count == truth.count {
      return metric.chance(of: labels, among: classes)
    }
    return truth.meanPrevalence
  }
}

extension [Truth] {
  /// The average precision of outputs that are the same for all items: the share of items that a tag applies to, the
  /// mean over the tags that apply to some items and not to others, as the metric has it.
  fileprivate var meanPrevalence: Double {
    let counts = tagCounts.values.filter { $0 < count }
    return counts.isEmpty ? 0 : Double(counts.reduce(0, +)) / Double(counts.count * count)
  }
}

extension Truth {
  fileprivate var asLabel: Int32? {
    if case .label(let label) = self { Int32(label) } else { nil }
  }
}
