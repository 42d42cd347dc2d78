/// How well the answers of a probe fit the truth, as one number: the score.
///
/// A new metric is a file in this folder and its name in `allCases`. The choice of layer and penalty, intervals,
/// verdicts, tables, charts and files read what this value says and name no metric.
public struct Metric: RawRepresentable, CaseIterable, Codable, Hashable, Sendable {
  /// The metrics that a recipe can name.
  public static let allCases: [Metric] = [.accuracy, .weightedKey]

  /// The name in recipes and in JSON.
  public let rawValue: String
  /// The name in a sentence.
  public let name: String
  /// How scores are written.
  public let unit: ScoreUnit
  /// The score of the worst answers; infinite if there is no end.
  public let worst: Double
  /// The score of perfect answers. Below `worst` if a lower score is a better one.
  public let best: Double
  /// A gain of so much counts for something, see ``improves(_:over:by:)``.
  public let leastGain: Double
  /// Whether a task that has a class of this name can have this metric.
  public let scores: @Sendable (_ className: String) -> Bool
  /// The score of at least one answer.
  public let score: @Sendable (_ answers: Answers) -> Double
  /// What each answer is worth, if the score is the mean of that; intervals over items need it.
  public let worths: (@Sendable (_ answers: Answers) -> [Double])?

  /// A metric that is the mean over the examples of what an answer is worth.
  ///
  /// - Parameters:
  ///   - rawValue: Its name in recipes and in JSON.
  ///   - name: Its name in a sentence.
  ///   - unit: What the scores are counted in.
  ///   - range: From the worst to the best score.
  ///   - leastGain: In the scores' own unit.
  ///   - scores: Whether a task that has a class of this name can have this metric; any, unless given.
  ///   - worths: What each answer is worth, more being better.
  public init(
    _ rawValue: String, name: String, unit: ScoreUnit, range: ClosedRange<Double>,
    leastGain: Double, scores: @escaping @Sendable (_ className: String) -> Bool = { _ in true },
    worths: @escaping @Sendable (_ answers: Answers) -> [Double]
  ) {
    (self.rawValue, self.name, self.unit) = (rawValue, name, unit)
    (worst, best, self.leastGain) = (range.lowerBound, range.upperBound, leastGain)
    (self.scores, self.worths) = (scores, worths)
    score = { answers in worths(answers).reduce(0, +) / Double(answers.truth.count) }
  }

  /// A metric that is no mean over examples.
  ///
  /// - Parameters:
  ///   - rawValue: Its name in recipes and in JSON.
  ///   - name: Its name in a sentence.
  ///   - unit: What the scores are counted in.
  ///   - worst: The lowest score.
  ///   - best: The highest score.
  ///   - leastGain: In the scores' own unit.
  ///   - scores: Whether a task that has a class of this name can have this metric; any, unless given.
  ///   - score: The score of at least one answer.
  public init(
    _ rawValue: String, name: String, unit: ScoreUnit, worst: Double, best: Double,
    leastGain: Double, scores: @escaping @Sendable (_ className: String) -> Bool = { _ in true },
    score: @escaping @Sendable (_ answers: Answers) -> Double
  ) {
    (self.rawValue, self.name, self.unit) = (rawValue, name, unit)
    (self.worst, self.best, self.leastGain) = (worst, best, leastGain)
    (self.scores, self.score, worths) = (scores, score, nil)
  }

  /// The metric of a name in recipes and in JSON.
  public init?(rawValue: String) {
    let all = Self.allCases + Self.ofOutputs
    guard let known = all.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }

  /// The score of guessing: always the same answer, the one for which that is best.
  public func chance(of truth: [Int32], among classNames: [String]) -> Double {
    let scores = classNames.indices.map { answer in
      let constant = [Int32](repeating: Int32(answer), count: truth.count)
      return score(Answers(constant, to: truth, among: classNames))
    }
    return scores.max { isBetter($1, than: $0) } ?? worst
  }
}

// MARK: - Better and worse

extension Metric {
  /// The scores that there can be.
  public var range: ClosedRange<Double> { min(worst, best)...max(worst, best) }

  /// Whether a score is the better one.
  public func isBetter(_ score: Double, than other: Double) -> Bool {
    best > worst ? score > other : score < other
  }

  /// Whether every score of an interval is better than every score of another.
  public func isBetter(_ interval: Interval, than other: Interval) -> Bool {
    isBetter(poorEnd(of: interval), than: goodEnd(of: other))
  }

  /// The worst score of an interval.
  func poorEnd(of interval: Interval) -> Double {
    best > worst ? interval.lower : interval.upper
  }

  private func goodEnd(of interval: Interval) -> Double {
    best > worst ? interval.upper : interval.lower
  }

  /// How much better a score is than another; negative if it is worse.
  func gain(of score: Double, over other: Double) -> Double {
    best > worst ? score - other : other - score
  }
}
