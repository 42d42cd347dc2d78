import Models
import Tensor

/// Estimates the magnitudes of one source from the frames of a model and the magnitudes of the mixture.
///
/// With `h` the frames (one layer, or a learned mean of layers): `u = tanh(norm(W1 ((h + m) s)))`,
/// `v = lstm(u)` in three layers, `y = norm(W3 relu(norm(W2 [u, v])))`, and `relu(y a + b)` times the mixture. The
/// shifts `m` and scales `s` of the frames' features begin at 0 and 1, those of the bins, `a` and `b`, at 1.
///
/// Source: MARBLE's code for source separation, after open-unmix (Stöter et al. 2019). The LSTM has one direction, as
/// in the code; the paper writes of a bidirectional one.
public struct MaskNetwork: Module {
  /// The logits of the weights of layers, `[layers]`; nil for one layer.
  public var layerLogits: Tensor?
  /// `m`, `[D]`.
  public var inputShift: Tensor
  /// `s`, `[D]`.
  public var inputScale: Tensor
  /// `W1`.
  public var input: Linear
  /// The norm after it.
  public var inputNorm: BatchNorm
  /// The recurrent layers.
  public var recurrent: [LSTM]
  /// `W2`.
  public var middle: Linear
  /// The norm after it.
  public var middleNorm: BatchNorm
  /// `W3`.
  public var output: Linear
  /// The norm after it.
  public var outputNorm: BatchNorm
  /// `a`, `[bins]`.
  public var outputScale: Tensor
  /// `b`, `[bins]`.
  public var outputShift: Tensor
  /// The share of what a recurrent layer hands to the next that a training pass drops.
  private let dropout: Float

  /// An untrained network.
  ///
  /// - Parameters:
  ///   - width: The length of a frame, `D`.
  ///   - layers: How many layers it weighs; 1 for no weights.
  ///   - bins: Of the spectrum.
  ///   - units: Of the hidden layers.
  ///   - dropout: The share of what a recurrent layer hands to the next that a training pass drops.
  ///   - generator: Draws the weights.
  public init(
    width: Int, layers: Int, bins: Int, units: Int = 512, dropout: Float = 0.4,
    using generator: inout some RandomNumberGenerator
  ) {
    layerLogits = layers > 1 ? .normal([layers], using: &generator) : nil
    (inputShift, inputScale) = (.zeros([width]), .ones([width]))
    input = .uniform(from: width, to: units, hasBias: false, using: &generator)
    inputNorm = BatchNorm(channels: units)
    recurrent = []
    for _ in 0..<3 { recurrent.append(LSTM(from: units, to: units, using: &generator)) }
    middle = .uniform(from: 2 * units, to: units, hasBias: false, using: &generator)
    middleNorm = BatchNorm(channels: units)
    output = .uniform(from: units, to: bins, hasBias: false, using: &generator)
    outputNorm = BatchNorm(channels: bins)
    (outputScale, outputShift) = (.ones([bins]), .ones([bins]))
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - layers: `[B, T, D]` of each layer.
  ///   - mixture: Magnitudes, `[B, T, bins]`.
  ///   - pass: Training drops values and uses the batch's statistics, which a pass that keeps `.batchStatistics` hands
  ///     to `updateStatistics`.
  /// - Returns: The magnitudes of the source, `[B, T, bins]`.
  public func callAsFunction(_ layers: [Tensor], of mixture: Tensor, in pass: ForwardPass) -> Tensor
  {
    let frames = (LayerMean.of(layers, layerLogits) + inputShift) * inputScale
    let first = inputNorm(input(frames), in: pass).tanh()
    var state = first
    for (number, layer) in recurrent.enumerated() {
      state = layer(state)
      if number + 1 < recurrent.count { state = pass.dropout(state, probability: dropout) }
    }
    let both = middle(.concatenated([first, state], axis: 2))
    let mask = outputNorm(output(middleNorm(both, in: pass).relu()), in: pass)
    return (mask * outputScale + outputShift).relu() * mixture
  }

  /// Moves the running averages of the norms.
  public mutating func updateStatistics(from measured: [BatchStatistics]) {
    var rest = measured[...]
    inputNorm.updateStatistics(from: &rest)
    middleNorm.updateStatistics(from: &rest)
    outputNorm.updateStatistics(from: &rest)
  }

  /// Shows all tensors.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("layerLogits", &layerLogits)
    visitor.parameter("inputShift", &inputShift, as: .shift)
    visitor.parameter("inputScale", &inputScale, as: .scale)
    visitor.child("input", &input)
    visitor.child("inputNorm", &inputNorm)
    visitor.children("recurrent", &recurrent)
    visitor.child("middle", &middle)
    visitor.child("middleNorm", &middleNorm)
    visitor.child("output", &output)
    visitor.child("outputNorm", &outputNorm)
    visitor.parameter("outputScale", &outputScale, as: .scale)
    visitor.parameter("outputShift", &outputShift, as: .shift)
  }
}
