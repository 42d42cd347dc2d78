/// How much better some scores are than others, seed by seed and on the same pieces, and whether that is more than chance.
struct PairedScores {
  /// What the scores are.
  var metric: Metric
  /// A difference for each seed.
  var differences: [Double]
  /// Whether the seeds are those of trainings, or of folds alone.
  var repeats: ProbeResult.Repeats
  /// The variance of the mean difference from drawing pieces again; nil if items are not known.
  var items: ItemVariance?
  /// The probability of a difference as large, were there none, corrected for the number of differences looked at.
  var correctedProbability: Double?

  /// The probability before the correction; nil where it would cover folds alone, or items are not known.
  var probability: Double? {
    guard repeats == .weights, let items else { return nil }
    return Spread(differences, items).probability
  }

  /// The mean difference with its 95 % interval; infinite where it would cover folds alone.
  var interval: Interval {
    var interval = items.map { Interval(of: differences, $0) } ?? Interval(of: differences)
    if repeats == .folds { interval.halfWidth = .infinity }
    return interval
  }

  /// Whether there is a difference: its corrected probability is below 5 %, or, where items are not known, the interval
  /// lies on one side of 0.
  var isClear: Bool {
    if let correctedProbability { return correctedProbability < 0.05 }
    return interval.lower > 0 || interval.upper < 0
  }

  /// Whether the mean score is better than that of the others.
  var isBetter: Bool { metric.isBetter(interval.mean, than: 0) }

  /// Nil unless there is a difference.
  var direction: Direction? { !isClear ? nil : isBetter ? .better : .worse }

  /// The difference in a table's cell: `▲ +3.2 ± 1.5`, without a sign of direction unless it is clear; `+3.2` if there is
  /// no interval.
  var cell: String { direction.sign(before: amount) }

  /// `+3.2 ± 1.5`
  var amount: String {
    let difference = metric.unit.difference(interval.mean)
    guard interval.halfWidth.isFinite else { return difference }
    return "\(difference)\u{00A0}±\u{00A0}\(metric.unit.number(interval.halfWidth))"
  }
}
