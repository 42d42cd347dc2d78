import Tensor

/// The coefficient of determination of each quantity that is predicted, and their mean.
///
/// `R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)²`, with `ȳ` the mean of the examples that are judged. 0 for always predicting that
/// mean, 1 at best, negative without bound. Sums are in Double.
public struct R2: Equatable, Sendable {
  /// One for each quantity. NaN with fewer than two examples, or if a prediction is NaN. A quantity that does not
  /// vary gives 1 if all its predictions are right and 0 if not.
  public let quantities: [Double]
  /// The plain mean of `quantities`.
  public var mean: Double { quantities.reduce(0, +) / Double(quantities.count) }

  /// - Parameters:
  ///   - predictions: `ŷ`, `[N, Q]`.
  ///   - truth: `y`, `[N, Q]`.
  ///   - quantities: `Q`.
  /// - Traps when: `quantities` is not positive, or there is not one prediction for each truth of whole examples.
  /// - Source: `sklearn.metrics.r2_score(multioutput="raw_values")`, which refuses NaN.
  public init(_ predictions: [Float], truth: [Float], quantities: Int) {
    precondition(
      quantities > 0 && predictions.count == truth.count
        && truth.count.isMultiple(of: max(quantities, 1)),
      "R2.init: needs a prediction for each truth of whole examples, got \(predictions.count)"
        + " predictions and \(truth.count) truths of \(quantities) quantities")
    self.quantities = (0..<quantities).map { column in
      let places = stride(from: column, to: truth.count, by: quantities)
      return Self.value(places.map { Double(predictions[$0]) }, places.map { Double(truth[$0]) })
    }
  }

  private static func value(_ predictions: [Double], _ truth: [Double]) -> Double {
    guard truth.count > 1 else { return .nan }
    let mean = truth.reduce(0, +) / Double(truth.count)
    let total = truth.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let residual = zip(predictions, truth).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
    if total > 0 || residual.isNaN { return 1 - residual / total }
    return residual == 0 ? 1 : 0
  }
}
