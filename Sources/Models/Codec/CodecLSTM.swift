import Tensor

/// LSTM layers over time, around all of which the input is added again: `[B, T, H] -> [B, T, H]`.
///
/// Source: EnCodec's `SLSTM`.
public struct CodecLSTM: Module {
  /// From the input's side.
  public var layers: [LSTM] = []

  /// - Parameters:
  ///   - width: Channels, `H`.
  ///   - layers: How many.
  ///   - generator: Draws the initial weights.
  public init(width: Int, layers: Int, using generator: inout some RandomNumberGenerator) {
    self.layers = (0..<layers).map { _ in LSTM(from: width, to: width, using: &generator) }
  }

  /// - Parameter x: `[B, T, H]`
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    layers.reduce(x) { $1($0, from: nil).outputs } + x
  }

  /// A part of a sequence.
  ///
  /// - Parameters:
  ///   - x: `[B, T, H]`
  ///   - states: Where the part before ended, one for each layer, and where this one ends; empty at the start.
  /// - Returns: Same shape.
  func callAsFunction(_ x: Tensor, carrying states: inout [LSTMState]) -> Tensor {
    var (y, ends) = (x, [LSTMState]())
    for (i, layer) in layers.enumerated() {
      let (outputs, end) = layer(y, from: states.isEmpty ? nil : states[i])
      (y, ends) = (outputs, ends + [end])
    }
    states = ends
    return y + x
  }

  /// Shows the layers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("layers", &layers)
  }
}
