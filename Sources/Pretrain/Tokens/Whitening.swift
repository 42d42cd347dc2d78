import Models
import Settings
import Tensor

/// How features are brought to mean 0 and variance 1.
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

/// Brings features of a collection to mean 0 and variance 1: `(x - mean) / deviation`, or with `full` `A (x - mean)`.
///
/// `A = L⁻¹ D⁻¹`, with the deviations of the channels in the diagonal matrix `D`, and `L` the Cholesky factor of their
/// correlations, to whose diagonal a hundredth is added: patterns of channels that hardly occur are not made large. Random
/// projections of `A (x - mean)` have the same distribution as those of any other whitening, because all of them differ by
/// a rotation.
public struct Whitening: Module {
  /// `[D]`
  private var mean: Tensor
  /// `[D]`; nil with `full`.
  private var deviation: Tensor?
  /// `A`, `[D, D]`; nil without `full`.
  private var matrix: Tensor?
  private let kind: WhiteningKind

  /// What is added to the diagonal of the correlations.
  private static let added = 0.01

  /// That changes nothing, until it is fitted.
  public init(_ kind: WhiteningKind, width: Int) {
    self.kind = kind
    mean = .zeros([width])
    deviation = kind == .full ? nil : .ones([width])
    matrix = kind == .full ? .zeros([width, width]) : nil
  }

  /// Measures a sample of the collection, `[N, D]`.
  /// - Throws: `QuantizerError` if frames are not finite, or all equal.
  public mutating func fit(to frames: Tensor) throws(QuantizerError) {
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
    let statistics = try FrameStatistics(of: frames)
    mean = statistics.mean
    let (even, deviations) = (statistics(frames), statistics.deviation.scalars)
    let (count, width) = (Double(frames.shape[0]), frames.shape[1])
    var correlations = even.matmul(even, transposingLeft: true).scalars.map { Double($0) / count }
    for d in 0..<width { correlations[d * width + d] += Self.added }
    let inverse = inverseOfCholeskyFactor(of: correlations, width: width)
    matrix = Tensor(
      inverse.enumerated().map { place, value in Float(value / Double(deviations[place % width])) },
      shape: [width, width])
  }

  /// - Parameter frames: `[N, D]`
  /// - Returns: Same shape.
  public func callAsFunction(_ frames: Tensor) -> Tensor {
    guard kind != .none else { return frames }
    let centred = frames - mean
    if let matrix { return centred.matmul(matrix, transposingRight: true) }
    return deviation.map { centred / $0 } ?? centred
  }

  /// Shows the numbers of its kind as buffers: `mean` with `deviation` or `matrix`, or none.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    guard kind != .none else { return }
    visitor.buffer("mean", &mean)
    visitor.buffer("deviation", &deviation)
    visitor.buffer("matrix", &matrix)
  }

  /// Channels of a frame.
  var width: Int { mean.elementCount }

  /// That of a state: `statistics.mean` with `statistics.deviation` or, of `full`, with `statistics.matrix`; of a state
  /// without any of them none.
  /// - Throws: `ModelError.tensors` if one is missing or ill-shaped, or a deviation is not positive.
  init(_ width: Int, in state: [String: Tensor]) throws(ModelError) {
    if state["statistics.matrix"] != nil {
      self.init(.full, width: width)
      mean = try state.tensor("statistics.mean", [width])
      matrix = try state.tensor("statistics.matrix", [width, width])
    } else if state.keys.contains(where: { $0.hasPrefix("statistics.") }) {
      self.init(.channels, width: width)
      take(try FrameStatistics(width, in: state))
    } else {
      self.init(.none, width: width)
    }
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
