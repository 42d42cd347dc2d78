import Tensor

/// A linear map of standardised features with a penalty: logistic or ridge regression, as its misfit is.
///
/// Minimises `misfit(W x + b) + λ/2 ‖W‖²`; the intercept `b` is free. With a convex misfit the result does not depend on
/// where the search starts, which is at zero or at the solution for the next stronger `λ`.
///
/// For a misfit that is a mean over examples, scikit-learn's `C` is `1 / (λ N)`; with half of a sum of squares its
/// `alpha` is `λ N`.
public struct LinearProbe: Sendable {
  /// The penalty `λ`.
  public let penalty: Float
  /// The misfit on the training part, with the penalty.
  public let loss: Float
  /// One row an output, the intercept last: `[K, D + 1]`, for standardised features.
  public let weights: Tensor
  private let standardisation: Standardisation

  /// Fits one map for each penalty.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - outputs: `K`.
  ///   - config: The numbers.
  ///   - misfit: The loss of outputs `[N, K]`.
  /// - Returns: The maps from the strongest penalty to the weakest.
  package static func path(
    fittedTo features: Tensor, outputs: Int, _ config: LogisticRegression.Config,
    misfit: @escaping (Tensor) -> Tensor
  ) -> [LinearProbe] {
    let standardisation = Standardisation(fittedTo: features)
    let fit = LinearFit(design: standardisation.design(features), misfit: misfit)
    let search = LBFGS(iterations: config.iterations, tolerance: config.tolerance)
    var weights = Tensor.zeros([outputs, features.shape[1] + 1])
    return config.penalties.sorted(by: >).map { penalty in
      let solution = fit.solved(from: weights, penalty: penalty, by: search)
      weights = solution.point
      return LinearProbe(
        penalty: penalty, loss: solution.value, weights: weights, standardisation: standardisation)
    }
  }

  /// - Parameter features: `[N, D]`.
  /// - Returns: `[N, K]`.
  public func callAsFunction(_ features: Tensor) -> Tensor {
    standardisation.design(features).matmul(weights, transposingRight: true)
  }
}

/// The training part of a linear map.
private struct LinearFit {
  /// `[N, D + 1]`.
  let design: Tensor
  let misfit: (Tensor) -> Tensor

  func solved(from start: Tensor, penalty: Float, by search: LBFGS) -> LBFGS.Evaluation {
    search.minimum(from: start) { weights in
      let leaf = weights.tracked()
      let loss = loss(leaf, penalty: penalty)
      return (loss.scalar, loss.gradients()[leaf]!)
    }
  }

  private func loss(_ weights: Tensor, penalty: Float) -> Tensor {
    let slopes = weights.sliced(axis: 1, 0..<weights.shape[1] - 1)
    return misfit(design.matmul(weights, transposingRight: true))
      + slopes.squared().sum() * (penalty / 2)
  }
}
