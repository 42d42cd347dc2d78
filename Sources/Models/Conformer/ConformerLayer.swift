import Tensor

/// A layer of a Conformer: half a feed-forward block, attention, a convolution, the other half, and a norm.
///
/// `x += r · first(norm(x))`, `x = a x + attention(norm(x))` or, with the norm after attention,
/// `x = norm(a x + attention(x))`, `x += convolution(norm(x))`, `x += r · last(norm(x))`, `y = norm(x)`, with the
/// residual factors `r` and `a`.
///
/// Source: Gulati et al. 2020, equation 1, `r` ½, `a` 1; `Wav2Vec2ConformerEncoderLayer` of `transformers`. OMAR-RQ
/// has the norm after attention, `r` 4 and `a` 2.63.
public struct ConformerLayer: EncoderLayer {
  /// Where the norm of attention stands.
  public enum AttentionNorm: String, Codable, Sendable, CaseIterable {
    /// Of what enters attention.
    case before
    /// Of the sum of what enters attention and what leaves it; no value of attention's result is dropped.
    case after
  }

  /// The factors of a layer's sums and the numbers of its norms.
  public struct Residuals: Sendable {
    /// What the feed-forward blocks are multiplied by before they are added.
    public var feedForward: Float
    /// What enters attention is multiplied by this before attention is added to it.
    public var attention: Float
    /// Where the norm of attention stands.
    public var attentionNorm: AttentionNorm
    /// Probability of dropping a value before each sum while training.
    public var dropout: Float
    /// Added to the variance in the norm of attention and the last one.
    public var epsilon: Float
    /// Added to the variance in the norms before feed-forward blocks and the convolution.
    public var innerEpsilon: Float

    /// All of them; the inner norms are like the others unless theirs is given.
    public init(
      feedForward: Float = 0.5, attention: Float = 1, attentionNorm: AttentionNorm = .before,
      dropout: Float = 0, epsilon: Float = 1e-5, innerEpsilon: Float? = nil
    ) {
      (self.feedForward, self.attention, self.attentionNorm) = (
        feedForward, attention, attentionNorm
      )
      (self.dropout, self.epsilon) = (dropout, epsilon)
      self.innerEpsilon = innerEpsilon ?? epsilon
    }
  }

  /// Before the first feed-forward block.
  public var firstNorm: LayerNorm
  /// The first feed-forward block.
  public var first: any FeedForward
  /// Before attention, or after its sum.
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
  /// The factors of its sums.
  public let residuals: Residuals

  /// A layer of four blocks.
  ///
  /// - Parameters:
  ///   - first: Its first feed-forward block.
  ///   - attention: Over the frames.
  ///   - convolution: Over neighbouring frames.
  ///   - last: Its last feed-forward block.
  ///   - residuals: The factors of its sums and the numbers of its norms.
  public init(
    first: any FeedForward, attention: SelfAttention, convolution: ConvolutionModule,
    last: any FeedForward, residuals: Residuals = Residuals()
  ) {
    (self.first, self.attention, self.convolution, self.last) = (
      first, attention, convolution, last
    )
    self.residuals = residuals
    let inner = LayerNorm(width: attention.width, epsilon: residuals.innerEpsilon)
    (firstNorm, convolutionNorm, lastNorm) = (inner, inner, inner)
    norm = LayerNorm(width: attention.width, epsilon: residuals.epsilon)
    attentionNorm = norm
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let half = first(firstNorm(x), in: pass) * residuals.feedForward
    var (x, normed) = attended(x, adding: half, in: pass)
    let convolved = convolution(normed, in: pass)
    (x, normed) = lastNorm.sumAndNorm(x, adding: convolved, dropout: mask(in: pass))
    let mapped = pass.mappingReadFrames(of: normed) { last($0, in: pass) }
    pass.keep(feedForwardOutput: mapped)
    return norm(x, adding: mapped * residuals.feedForward, dropout: mask(in: pass))
  }

  /// The sum of `x`, half a feed-forward block and attention, and its norm for the convolution.
  private func attended(
    _ x: Tensor, adding half: Tensor, in pass: ForwardPass
  ) -> (sum: Tensor, norm: Tensor) {
    switch residuals.attentionNorm {
    case .before:
      let (x, normed) = attentionNorm.sumAndNorm(x, adding: half, dropout: mask(in: pass))
      let attended = attention(normed, in: pass)
      return convolutionNorm.sumAndNorm(scaled(x), adding: attended, dropout: mask(in: pass))
    case .after:
      let x = x + pass.dropout(half, probability: residuals.dropout)
      let sum = attentionNorm(scaled(x) + attention(x, in: pass))
      return (sum, convolutionNorm(sum))
    }
  }

  private func scaled(_ x: Tensor) -> Tensor {
    residuals.attention == 1 ? x : x * residuals.attention
  }

  private func mask(in pass: ForwardPass) -> DropoutMask? {
    pass.dropoutMask(probability: residuals.dropout)
  }

  /// Multiplies the weights of the feed-forward blocks and of attention's values and output.
  ///
  /// Source: OMAR-RQ, after Wang et al. 2022, DeepNet.
  public mutating func scaleBranches(by factor: Float) {
    attention.value.weight = attention.value.weight * factor
    attention.output.weight = attention.output.weight * factor
    first.scaleWeights(by: factor)
    last.scaleWeights(by: factor)
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

extension FeedForward {
  fileprivate mutating func scaleWeights(by factor: Float) {
    update { place, tensor in
      if place.role == .weight { tensor = tensor * factor }
    }
  }
}
