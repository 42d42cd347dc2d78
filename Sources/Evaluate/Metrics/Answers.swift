import Tensor

/// What a probe answered on some examples, and what is true.
public struct Answers: Sendable {
  /// The class that was predicted for each example, an index into `classNames`.
  public let predicted: [Int32]
  /// The class of each example, an index into `classNames`.
  public let truth: [Int32]
  /// The task's classes.
  public let classNames: [String]

  /// Answers to examples.
  ///
  /// - Traps when: there is not one answer an example, or no example.
  public init(_ predicted: [Int32], to truth: [Int32], among classNames: [String]) {
    precondition(
      predicted.count == truth.count && !truth.isEmpty,
      "Answers: needs one for each of at least 1 example, got \(predicted.count) for \(truth.count)"
    )
    (self.predicted, self.truth, self.classNames) = (predicted, truth, classNames)
  }

  /// The mean over the examples of what an answer is worth.
  public func mean(_ worth: (_ predicted: Int32, _ truth: Int32) -> Double) -> Double {
    worths(worth).reduce(0, +) / Double(truth.count)
  }

  /// What each answer is worth.
  public func worths(_ worth: (_ predicted: Int32, _ truth: Int32) -> Double) -> [Double] {
    zip(predicted, truth).map(worth)
  }
}
