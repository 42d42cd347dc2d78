import Tensor

/// Shifts and scales each feature to mean 0 and standard deviation 1, by the statistics of the
/// examples it was fitted to, the training part alone.
///
/// A feature that does not vary there becomes 0 everywhere.
struct Standardisation: Sendable {
  /// `[D]`.
  let mean: Tensor
  /// `1 / standard deviation`, or 0; `[D]`.
  let scale: Tensor

  /// - Parameter features: `[N, D]`.
  init(fittedTo features: Tensor) {
    let (count, width) = (features.shape[0], features.shape[1])
    let (sums, squares) = features.read { x in Self.moments(x, count: count, width: width) }
    mean = Tensor(sums.map { Float($0) })
    scale = Tensor(
      zip(sums, squares).map { mean, square in
        let deviation = square.squareRoot()
        return deviation > 1e-6 * abs(mean) + 1e-12 ? Float(1 / deviation) : 0
      })
  }

  /// Standardised features and, as the last column, the 1 that the intercept multiplies.
  /// - Parameter features: `[N, D]`.
  /// - Returns: `[N, D + 1]`.
  func design(_ features: Tensor) -> Tensor {
    let (count, width) = (features.shape[0], features.shape[1])
    let (mean, scale) = (mean.scalars, scale.scalars)
    // In one pass: a large set of features would not fit into memory four times.
    var design = Tensor.unset([count, width + 1])
    features.read { x in
      design.update { y in
        for i in 0..<count {
          for j in 0..<width {
            y[i * (width + 1) + j] = (x[i * width + j] - mean[j]) * scale[j]
          }
          y[i * (width + 1) + width] = 1
        }
      }
    }
    return design
  }

  /// Mean and variance of each column, in two passes and double precision.
  private static func moments(
    _ x: UnsafeBufferPointer<Float>, count: Int, width: Int
  ) -> (means: [Double], variances: [Double]) {
    var (means, variances) = (
      [Double](repeating: 0, count: width), [Double](repeating: 0, count: width)
    )
    for i in 0..<count { for j in 0..<width { means[j] += Double(x[i * width + j]) } }
    for j in 0..<width { means[j] /= Double(count) }
    for i in 0..<count {
      for j in 0..<width {
        let difference = Double(x[i * width + j]) - means[j]
        variances[j] += difference * difference / Double(count)
      }
    }
    return (means, variances)
  }
}
