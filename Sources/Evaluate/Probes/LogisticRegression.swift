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

  /// The penalty `λ`.
  public let penalty: Float
  /// The loss on the training part, with the penalty.
  public let loss: Float
  /// One row a class, the intercept last: `[K, D + 1]`, for standardised features.
  public let weights: Tensor
  private let standardisation: Standardisation

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
    let standardisation = Standardisation(fittedTo: features)
    let problem = Problem(design: standardisation.design(features), classes: classes)
    var weights = Tensor.zeros([classCount, features.shape[1] + 1])
    return config.penalties.sorted(by: >).map { penalty in
      let solution = problem.solved(from: weights, penalty: penalty, config)
      weights = solution.point
      return LogisticRegression(
        penalty: penalty, loss: solution.value, weights: weights, standardisation: standardisation)
    }
  }

  /// The logarithm of each class' probability, up to a constant per example.
  /// - Parameter features: `[N, D]`.
  /// - Returns: `[N, K]`.
  public func logits(_ features: Tensor) -> Tensor {
    standardisation.design(features).matmul(weights, transposingRight: true)
  }

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

/// The training part of a regression.
private struct Problem {
  /// `[N, D + 1]`.
  let design: Tensor
  let classes: [Int32]

  func solved(
    from start: Tensor, penalty: Float, _ config: LogisticRegression.Config
  ) -> LBFGS.Evaluation {
    let search = LBFGS(iterations: config.iterations, tolerance: config.tolerance)
    return search.minimum(from: start) { weights in
      let leaf = weights.tracked()
      let loss = loss(leaf, penalty: penalty)
      return (loss.scalar, loss.gradients()[leaf]!)
    }
  }

  private func loss(_ weights: Tensor, penalty: Float) -> Tensor {
    let slopes = weights.sliced(axis: 1, 0..<weights.shape[1] - 1)
    let misfit = design.matmul(weights, transposingRight: true).crossEntropy(targets: classes)
    return misfit.mean() + slopes.squared().sum() * (penalty / 2)
  }
}
