import Models
import Settings
import Tensor

/// Scales the gradients of several losses of a waveform so that a weight is a share of the whole gradient, whatever
/// the size of the loss.
///
/// `G = Σ_i (λ_i / Σ λ) g_i / (ε + ⟨|g_i|⟩)`, where `g_i` is the gradient of a loss by the waveforms, `|g_i|` the mean
/// of its lengths over the crops, and `⟨⟩` a running average without bias.
///
/// Source: Défossez et al. 2022 (EnCodec), §3.4; audiocraft `balancer.py`, of a total length of 1.
public struct LossBalancer: Module {
  /// The numbers of a recipe's `losses.balancer`.
  public struct Config: Configuration {
    /// Decay of the running averages from one update to the next.
    public var decay: Float = 0.999
    /// Added to the averages, which keeps a loss without a gradient finite.
    public var epsilon: Float = 1e-12

    /// EnCodec's numbers.
    public init() {}

    /// A share, and a divisor.
    public func validate() throws(InvalidSetting) {
      try require("decay", decay, in: 0..<1)
      try require(positive: "epsilon", epsilon)
    }
  }

  private let config: Config
  /// The running sum of 1, by which `lengths` is divided, `[1]`.
  private var weight: Tensor
  /// The running sum of each loss's `|g_i|`, `[losses]`.
  private var lengths: Tensor

  /// - Parameters:
  ///   - config: The numbers.
  ///   - losses: How many losses there are.
  public init(_ config: Config, losses: Int) {
    self.config = config
    (weight, lengths) = (.zeros([1]), .zeros([losses]))
  }

  /// The gradient of all losses together.
  ///
  /// - Parameters:
  ///   - gradients: One for each loss, `[B, L]`. Their lengths count in the averages.
  ///   - shares: Their weights.
  /// - Returns: `[B, L]`.
  package func combined(_ gradients: [Tensor], shares: [Float]) -> Tensor {
    var next = self
    next.follow(gradients.map(\.meanLength))
    let total = shares.reduce(0, +)
    let averages = next.lengths.scalars.map { $0 / next.weight.scalar }
    return gradients.indices.reduce(Tensor.zeros(gradients[0].shape)) { sum, i in
      sum + gradients[i] * (shares[i] / total / (config.epsilon + averages[i]))
    }
  }

  /// Goes on with the averages.
  ///
  /// - Parameter lengths: Of each loss, the mean length of its gradients.
  package mutating func follow(_ lengths: [Float]) {
    weight = weight * config.decay + 1
    self.lengths = self.lengths * config.decay + Tensor(lengths)
  }

  /// Shows the sums as buffers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("weight", &weight)
    visitor.buffer("lengths", &lengths)
  }
}

extension Tensor {
  /// The mean over the rows of `[B, L]` of their lengths `√Σ_l x²`.
  var meanLength: Float {
    squared().sum(axis: 1).squareRoot().mean().scalar
  }
}
