import Settings
import Tensor

/// A multinomial logistic regression on standardised features.
///
/// Minimises `mean(-log softmax(W x + b)[class]) + λ/2 ‖W‖²`; the intercept `b` is free. The
/// problem is convex, so the result does not depend on where the search starts, which is at zero or
/// at the solution for the next stronger `λ`.
///
/// scikit-learn's `C` is `1 / (λ N)`.
public struct LogisticRegression: Sendable {
  /// How the search is done.
  public struct Config: Configuration {
    /// Strengths `λ` of the penalty, of which the validation part chooses one.
    public var penalties: [Float] = [1, 0.1, 0.01, 0.001]
    /// Greatest number of steps of L-BFGS.
    public var iterations = 100
    /// Greatest element of the gradient at which the fit ends.
    public var tolerance: Float = 1e-3
    /// The defaults.
    public init() {}

    /// There is a penalty to choose, and a search that ends.
    public func validate() throws(InvalidSetting) {
      try require(!penalties.isEmpty, "penalties", "give at least one")
      for (index, penalty) in penalties.enumerated() {
        try require(positive: "penalties[\(index)]", penalty)
      }
      try require("iterations", iterations, in: 1...1_000_000)
      try require(positive: "tolerance", tolerance)
    }
  }

  private let map: LinearProbe

  /// The penalty `λ`.
  public var penalty: Float { map.penalty }
  /// The loss on the training part, with the penalty.
  public var loss: Float { map.loss }
  /// One row a class, the intercept last: `[K, D + 1]`, for standardised features.
  public var weights: Tensor { map.weights }

  /// Fits one regression for each penalty.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - classes: The class of each example, `0 ..< classCount`.
  ///   - classCount: How many classes there are.
  ///   - config: The numbers.
  /// - Returns: The regressions from the strongest penalty to the weakest.
  /// - Traps when: there is not one class an example.
  public static func path(
    fittedTo features: Tensor, classes: [Int32], classCount: Int, _ config: Config = Config()
  ) -> [LogisticRegression] {
    precondition(
      features.rank == 2 && features.shape[0] == classes.count,
      "LogisticRegression: \(classes.count) classes for features \(features.shape)")
    return LinearProbe.path(fittedTo: features, outputs: classCount, config) {
      $0.crossEntropy(targets: classes).mean()
    }.map(LogisticRegression.init)
  }

  /// The logarithm of each class' probability, up to a constant per example.
  /// - Parameter features: `[N, D]`.
  /// - Returns: `[N, K]`.
  public func logits(_ features: Tensor) -> Tensor { map(features) }

  /// The most probable class of each example.
  /// - Parameter features: `[N, D]`.
  public func predictions(_ features: Tensor) -> [Int32] {
    logits(features).argmax(axis: 1).integers
  }

  /// The mean of `-log softmax(W x + b)[class]` on examples that it was not fitted to.
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - classes: The class of each example.
  public func loss(on features: Tensor, classes: [Int32]) -> Double {
    Double(logits(features).crossEntropy(targets: classes).mean().scalar)
  }
}
