import Tensor

/// A norm of frames that may need to know whether the pass trains.
public protocol FrameNorm: Module {
  /// - Parameters:
  ///   - x: `[..., C]`
  ///   - pass: The pass: whether it trains, and what it keeps.
  /// - Returns: Same shape.
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor

  /// Takes what a training pass measured, if the norm keeps running statistics.
  mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>)
}

extension FrameNorm {
  /// Nothing: the norm keeps no statistics.
  public mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {}
}

extension LayerNorm: FrameNorm {
  /// The same in every pass.
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor { self(x) }
}
