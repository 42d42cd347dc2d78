import Models
import Tensor

/// The probe of MARBLE: one hidden layer of 512 over one layer of a model, over a learned mean of layers, or, in its
/// second version, over a linear map of all layers.
///
/// `x = sum over l of softmax(a)_l h_l` or `x = W0 [h_0, …, h_L] + b0`, or the one layer;
/// `y = W2 dropout(relu(W1 x + b1)) + b2`. Weights and biases are drawn as PyTorch draws those of linear maps, `a` from N(0, 1).
///
/// Source: MARBLE (Yuan et al. 2023), section 4.
public struct Perceptron: Module {
  /// The logits `a` of the weights of layers, `[layers]`; nil for one layer.
  public var layerLogits: Tensor?
  /// `W0` and `b0`; nil if layers are not joined.
  public var join: Linear?
  /// `W1` and `b1`.
  public var hidden: Linear
  /// `W2` and `b2`.
  public var output: Linear
  /// The share of the hidden units that a training pass drops.
  private let dropout: Float

  /// An untrained probe.
  ///
  /// - Parameters:
  ///   - width: The length of a vector.
  ///   - layers: How many layers it weighs or joins; 1 for no weights.
  ///   - joins: Whether it joins them.
  ///   - outputs: Classes or numbers.
  ///   - config: The numbers of the probe.
  ///   - generator: Draws the weights.
  public init(
    width: Int, layers: Int, joins: Bool = false, outputs: Int, _ config: Config,
    using generator: inout some RandomNumberGenerator
  ) {
    layerLogits = layers > 1 && !joins ? .normal([layers], using: &generator) : nil
    join = joins ? .uniform(from: layers * width, to: width, using: &generator) : nil
    hidden = .uniform(from: width, to: config.hiddenUnits, using: &generator)
    output = .uniform(from: config.hiddenUnits, to: outputs, using: &generator)
    dropout = config.dropout
  }

  /// - Parameters:
  ///   - layers: `[B, D]` of each layer.
  ///   - pass: Training drops hidden units.
  /// - Returns: Logits, or numbers: `[B, outputs]`.
  public func callAsFunction(_ layers: [Tensor], in pass: ForwardPass) -> Tensor {
    let x = join.map { $0(.concatenated(layers, axis: 1)) } ?? LayerMean.of(layers, layerLogits)
    return output(pass.dropout(hidden(x).relu(), probability: dropout))
  }

  /// Shows all weights.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("layerLogits", &layerLogits)
    visitor.child("join", &join)
    visitor.child("hidden", &hidden)
    visitor.child("output", &output)
  }
}

extension Perceptron {
  /// How a probe is made and trained, by Adam.
  public struct Config: Sendable, Hashable {
    /// Units of the hidden layer.
    public var hiddenUnits = 512
    /// The share of the hidden units that a training pass drops.
    public var dropout: Float = 0.2
    /// Items of a batch, each with all of its stretches.
    public var batchSize = 64
    /// How long it is trained.
    public var schedule = ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20)
    /// Draws weights, dropout and the order of items.
    public var seed = 1234

    /// MARBLE's numbers, but for the schedule, which a task sets.
    public init() {}
  }
}
