import Models
import Settings
import Tensor

/// How the features of a stream are brought to mean 0 and variance 1.
public enum WhiteningKind: String, Codable, Sendable, CaseIterable {
  /// Each channel by itself.
  case channels
  /// All channels together, so that they keep what they differ in: MusicFM and MuQ.
  case global
  /// Each channel, and the correlations of the channels removed. It lets quiet patterns count as much as loud ones.
  case full
  /// Not at all: for features that are standardised already, as chroma.
  case none
}

/// Brings the features of a collection to mean 0 and variance 1: `(x - mean) / deviation`, or with `full` `A (x - mean)`.
///
/// `A` is the inverse of the Cholesky factor of the covariance, to whose diagonal a hundredth of the mean variance is
/// added: channels that hardly vary are not made large. Random projections of `A (x - mean)` have the same distribution
/// as those of any other whitening, because all of them differ by a rotation.
package struct Whitening: Module {
  /// `[D]`
  private var mean: Tensor
  /// `[D]`; nil with `full`.
  private var deviation: Tensor?
  /// `A`, `[D, D]`; nil without `full`.
  private var matrix: Tensor?
  private let kind: WhiteningKind

  /// What is added to the diagonal of the covariance, as a share of its mean.
  private static let added = 0.01

  /// That changes nothing, until it is fitted.
  package init(_ kind: WhiteningKind, width: Int) {
    self.kind = kind
    mean = .zeros([width])
    deviation = kind == .full ? nil : .ones([width])
    matrix = kind == .full ? .zeros([width, width]) : nil
  }

  /// Measures a sample of the collection, `[N, D]`.
  /// - Throws: `QuantizerError` if frames are not finite, or all equal.
  package mutating func fit(to frames: Tensor) throws(QuantizerError) {
    try QuantizerError.check(frames, codes: 1)
    switch kind {
    case .channels: take(try FrameStatistics(of: frames))
    case .global: take(try FrameStatistics(pooling: frames))
    case .full: try fitMatrix(to: frames)
    case .none: break
    }
  }

  private mutating func take(_ statistics: FrameStatistics) {
    (mean, deviation) = (statistics.mean, statistics.deviation)
  }

  private mutating func fitMatrix(to frames: Tensor) throws(QuantizerError) {
    mean = Tensor(frames.columnMeans())
    let (count, width) = (Double(frames.shape[0]), frames.shape[1])
    let centred = frames - mean
    var covariance = centred.matmul(centred, transposingLeft: true).scalars.map {
      Double($0) / count
    }
    let diagonal = (0..<width).map { covariance[$0 * width + $0] }
    let meanVariance = diagonal.reduce(0, +) / Double(width)
    guard meanVariance > 0 else { throw .constant }
    for d in 0..<width { covariance[d * width + d] += Self.added * meanVariance }
    matrix = Tensor(
      inverseOfCholeskyFactor(of: covariance, width: width).map(Float.init), shape: [width, width])
  }

  /// - Parameter frames: `[N, D]`
  /// - Returns: Same shape.
  package func callAsFunction(_ frames: Tensor) -> Tensor {
    guard kind != .none else { return frames }
    let centred = frames - mean
    if let matrix { return centred.matmul(matrix, transposingRight: true) }
    return deviation.map { centred / $0 } ?? centred
  }

  package mutating func visit(_ visitor: inout some ParameterVisitor) {
    guard kind != .none else { return }
    visitor.buffer("mean", &mean)
    visitor.buffer("deviation", &deviation)
    visitor.buffer("matrix", &matrix)
  }
}

/// `L⁻¹` of a symmetric positive definite matrix `L Lᵀ`, in row-major order.
private func inverseOfCholeskyFactor(of matrix: [Double], width: Int) -> [Double] {
  var factor = [Double](repeating: 0, count: width * width)
  for row in 0..<width {
    for column in 0...row {
      var rest = matrix[row * width + column]
      for k in 0..<column { rest -= factor[row * width + k] * factor[column * width + k] }
      factor[row * width + column] =
        row == column ? rest.squareRoot() : rest / factor[column * width + column]
    }
  }
  // Forward substitution of each unit vector.
  var inverse = [Double](repeating: 0, count: width * width)
  for column in 0..<width {
    for row in column..<width {
      var rest = row == column ? 1.0 : 0
      for k in column..<row { rest -= factor[row * width + k] * inverse[k * width + column] }
      inverse[row * width + column] = rest / factor[row * width + row]
    }
  }
  return inverse
}
