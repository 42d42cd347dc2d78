import Tensor

/// A layer of a Conformer: half a feed-forward block, attention, a convolution, the other half, and a norm.
///
/// `x += r · first(norm(x))`, `x += attention(norm(x))`, `x += convolution(norm(x))`, `x += r · last(norm(x))`,
/// `y = norm(x)`, with the residual factor `r`.
///
/// Source: Gulati et al. 2020, equation 1, `r` ½; `Wav2Vec2ConformerEncoderLayer` of `transformers`.
public struct ConformerLayer: EncoderLayer {
  /// Before the first feed-forward block.
  public var firstNorm: LayerNorm
  /// The first feed-forward block.
  public var first: any FeedForward
  /// Before attention.
  public var attentionNorm: LayerNorm
  /// Over the frames.
  public var attention: SelfAttention
  /// Before the convolution.
  public var convolutionNorm: LayerNorm
  /// Over neighbouring frames.
  public var convolution: ConvolutionModule
  /// Before the last feed-forward block.
  public var lastNorm: LayerNorm
  /// The last feed-forward block.
  public var last: any FeedForward
  /// Of what leaves the layer.
  public var norm: LayerNorm
  /// What the feed-forward blocks are multiplied by before they are added.
  public let residualFactor: Float
  /// Probability of dropping a value before each sum while training.
  public var dropout: Float

  /// A layer of four blocks.
  ///
  /// - Parameters:
  ///   - first: Its first feed-forward block.
  ///   - attention: Over the frames.
  ///   - convolution: Over neighbouring frames.
  ///   - last: Its last feed-forward block.
  ///   - residualFactor: What the feed-forward blocks are multiplied by before they are added.
  ///   - dropout: Probability of dropping a value before each sum while training.
  ///   - epsilon: Added to the variance in its norms.
  public init(
    first: any FeedForward, attention: SelfAttention, convolution: ConvolutionModule,
    last: any FeedForward, residualFactor: Float = 0.5, dropout: Float = 0,
    epsilon: Float = 1e-5
  ) {
    (self.first, self.attention, self.convolution, self.last) = (
      first, attention, convolution, last
    )
    (self.residualFactor, self.dropout) = (residualFactor, dropout)
    let norm = LayerNorm(width: attention.width, epsilon: epsilon)
    (firstNorm, attentionNorm, convolutionNorm, lastNorm) = (norm, norm, norm, norm)
    self.norm = norm
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    func mask() -> DropoutMask? { pass.dropoutMask(probability: dropout) }
    let half = first(firstNorm(x), in: pass) * residualFactor
    var (x, normed) = attentionNorm.sumAndNorm(x, adding: half, dropout: mask())
    let attended = attention(normed, in: pass)
    (x, normed) = convolutionNorm.sumAndNorm(x, adding: attended, dropout: mask())
    let convolved = convolution(normed, in: pass)
    (x, normed) = lastNorm.sumAndNorm(x, adding: convolved, dropout: mask())
    let mapped = pass.mappingReadFrames(of: normed) { last($0, in: pass) }
    pass.keep(feedForwardOutput: mapped)
    return norm(x, adding: mapped * residualFactor, dropout: mask())
  }

  /// Takes what a training pass measured in its batch norm, if it has one.
  mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {
    convolution.norm.updateStatistics(from: &rest)
  }

  /// What five norms cost; they keep what enters each, and each block's input.
  public static func normCost(width: Int) -> BlockCost {
    (1...4).reduce(LayerNorm.cost(width: width)) { cost, _ in cost + LayerNorm.cost(width: width) }
      .keeping(9 * width)
  }

  /// Shows blocks and norms in the order in which a frame passes them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("firstNorm", &firstNorm)
    visitor.child("first", &first)
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("attention", &attention)
    visitor.child("convolutionNorm", &convolutionNorm)
    visitor.child("convolution", &convolution)
    visitor.child("lastNorm", &lastNorm)
    visitor.child("last", &last)
    visitor.child("norm", &norm)
  }
}
