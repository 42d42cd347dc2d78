import Tensor

/// A layer of long short-term memory over time: `[B, T, I] -> [B, T, H]`, see `Tensor.lstm`.
public struct LSTM: Module {
  /// `[4 H, I]`, for the gates in the order input, forget, cell, output.
  public var inputWeight: Tensor
  /// `[4 H, H]`
  public var hiddenWeight: Tensor
  /// `[4 H]`
  public var inputBias: Tensor
  /// `[4 H]`, added to `inputBias`. PyTorch's files have both.
  public var hiddenBias: Tensor

  /// Weights and biases from U(±1/√H), PyTorch's default.
  ///
  /// - Parameters:
  ///   - input: Channels that enter, `I`.
  ///   - width: Channels that leave, `H`.
  ///   - generator: Draws the initial weights.
  public init(from input: Int, to width: Int, using generator: inout some RandomNumberGenerator) {
    inputWeight = .initial([4 * width, input], fanIn: width, using: &generator)
    hiddenWeight = .initial([4 * width, width], fanIn: width, using: &generator)
    inputBias = .initial([4 * width], fanIn: width, using: &generator)
    hiddenBias = .initial([4 * width], fanIn: width, using: &generator)
  }

  /// - Parameter x: `[B, T, I]`
  /// - Returns: `[B, T, H]`, from a state of zeros.
  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: nil).outputs }

  /// - Parameters:
  ///   - x: `[B, T, I]`
  ///   - state: The state before the first frame; nil means zeros.
  /// - Returns: The outputs `[B, T, H]`, and the state after the last frame, with which the next part
  ///   of the signal begins.
  public func callAsFunction(
    _ x: Tensor, from state: LSTMState?
  ) -> (outputs: Tensor, state: LSTMState) {
    x.lstm(
      inputWeight: inputWeight, hiddenWeight: hiddenWeight, inputBias: inputBias,
      hiddenBias: hiddenBias, from: state)
  }

  /// Shows both weights and both biases.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("inputWeight", &inputWeight)
    visitor.parameter("hiddenWeight", &hiddenWeight)
    visitor.parameter("inputBias", &inputBias, as: .bias)
    visitor.parameter("hiddenBias", &hiddenBias, as: .bias)
  }
}
