import Tensor

/// What a probe gave each class of each example, and which classes are true: the input of tagging's metrics.
public struct ClassScores: Sendable {
  /// Any number that grows with confidence: logits or probabilities, `[N, C]`.
  public let scores: [Float]
  /// Whether the class is true of the example, `[N, C]`.
  public let truth: [Bool]
  /// Classes, `C`.
  public let classes: Int

  /// Scores and truth of `N` examples.
  ///
  /// - Traps when: `classes` is not positive, or there is not one score for each truth of whole examples.
  public init(_ scores: [Float], truth: [Bool], classes: Int) {
    precondition(
      classes > 0 && scores.count == truth.count && scores.count.isMultiple(of: max(classes, 1)),
      "ClassScores.init: needs a score for each truth of whole examples, got \(scores.count) scores"
        + " and \(truth.count) truths for \(classes) classes")
    (self.scores, self.truth, self.classes) = (scores, truth, classes)
  }

  /// The mean of a metric over the classes that it can judge, each with the same weight.
  func macroAverage(_ metric: (RankedExamples) -> Double) -> MacroAverage {
    MacroAverage(
      of: (0..<classes).map { column in
        let places = stride(from: column, to: scores.count, by: classes)
        return RankedExamples(scores: places.map { scores[$0] }, truth: places.map { truth[$0] })
          .map(metric)
      })
  }
}

/// The mean of a metric over classes.
public struct MacroAverage: Equatable, Sendable {
  /// The plain mean over the classes that have a value; NaN if none has one, or if one is NaN.
  public let value: Double
  /// Classes that are left out because all examples, or none, belong to them.
  public let skipped: Int

  /// - Parameter values: One for each class, nil where there is none.
  init(of values: [Double?]) {
    let known = values.compactMap { $0 }
    value = known.reduce(0, +) / Double(known.count)
    skipped = values.count - known.count
  }
}
