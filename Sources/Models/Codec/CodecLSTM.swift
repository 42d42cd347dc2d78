import Tensor

/// LSTM layers over time, around all of which the input is added again: `[B, T, H] -> [B, T, H]`.
///
/// Source: EnCodec's `SLSTM`.
public struct CodecLSTM: Module {
  /// One layer. Gates are in PyTorch's order: input, forget, cell, output.
  public struct Layer: Module {
    /// `[4 H, H]`
    public var inputWeight: Tensor
    /// `[4 H, H]`
    public var hiddenWeight: Tensor
    /// `[4 H]`
    public var inputBias: Tensor
    /// `[4 H]`
    public var hiddenBias: Tensor

    /// Weights and biases from U(±1/√H).
    public init(width: Int, using generator: inout some RandomNumberGenerator) {
      inputWeight = .initial([4 * width, width], fanIn: width, using: &generator)
      hiddenWeight = .initial([4 * width, width], fanIn: width, using: &generator)
      inputBias = .initial([4 * width], fanIn: width, using: &generator)
      hiddenBias = .initial([4 * width], fanIn: width, using: &generator)
    }

    /// - Parameters:
    ///   - x: `[B, T, H]`
    ///   - state: Where the sequence before this one ended; nil is zero.
    /// - Returns: `[B, T, H]`, and where it ends.
    public func callAsFunction(
      _ x: Tensor, from state: LSTMState?
    ) -> (outputs: Tensor, state: LSTMState) {
      x.lstm(
        inputWeight: inputWeight, hiddenWeight: hiddenWeight, inputBias: inputBias,
        hiddenBias: hiddenBias, from: state)
    }

    /// Shows weights and biases.
    public mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("inputWeight", &inputWeight)
      visitor.parameter("hiddenWeight", &hiddenWeight)
      visitor.parameter("inputBias", &inputBias, as: .bias)
      visitor.parameter("hiddenBias", &hiddenBias, as: .bias)
    }
  }

  /// From the input's side.
  public var layers: [Layer] = []

  /// - Parameters:
  ///   - width: Channels, `H`.
  ///   - layers: How many.
  ///   - generator: Draws the initial weights.
  public init(width: Int, layers: Int, using generator: inout some RandomNumberGenerator) {
    for _ in 0..<layers { self.layers.append(Layer(width: width, using: &generator)) }
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
