import Tensor

/// From convolutional features to the transformer's width: layer norm, linear map, dropout; or a linear
/// map between two norms without parameters.
public struct FeatureProjection: Module {
  /// nil between norms without parameters.
  public var norm: LayerNorm?
  /// `[D, C]`
  public var linear: Linear
  /// Probability of dropping a value of a projected frame while training.
  public var dropout: Float

  /// Weights and bias from U(±1/√C).
  ///
  /// - Parameters:
  ///   - channels: Of the features, `C`.
  ///   - width: Of the frames, `D`.
  ///   - norm: Where the norms stand.
  ///   - dropout: Probability of dropping a value of a projected frame while training.
  ///   - generator: Draws the initial weights.
  public init(
    from channels: Int, to width: Int, norm: AudioEncoder.ProjectionNorm = .before,
    dropout: Float = 0, using generator: inout some RandomNumberGenerator
  ) {
    self.norm = norm == .before ? LayerNorm(width: channels) : nil
    linear = .uniform(from: channels, to: width, using: &generator)
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - features: `[B, T, C]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ features: Tensor, in pass: ForwardPass) -> Tensor {
    pass.dropout(frames(of: features), probability: dropout)
  }

  private func frames(of features: Tensor) -> Tensor {
    if let norm { return linear(norm(features)) }
    return linear(features.plainLayerNorm).plainLayerNorm
  }

  /// Shows the norm, if it has one, and the map.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("norm", &norm)
    visitor.child("linear", &linear)
  }
}

extension Tensor {
  /// Mean 0 and variance 1 over the channels of each frame.
  fileprivate var plainLayerNorm: Tensor { layerNorm(weight: nil, bias: nil, epsilon: 1e-5) }
}
