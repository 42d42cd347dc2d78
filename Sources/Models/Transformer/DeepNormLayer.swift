import Foundation
import Tensor

/// A post-norm layer for deep stacks: `norm(α x + block(x))` with `α = (2 depth)^¼`.
///
/// The blocks start out smaller: the maps of attention's values and output and all weights of the
/// feed-forward block are divided by `(8 depth)^¼`.
///
/// Source: Wang et al. 2022, DeepNet; MERT's `deepnorm`.
public struct DeepNormLayer: TransformerLayer {
  /// Over the frames.
  public var attention: SelfAttention
  /// After the first sum.
  public var attentionNorm: LayerNorm
  /// Of each frame.
  public var feedForward: any FeedForward
  /// After the second sum.
  public var feedForwardNorm: LayerNorm
  /// Probability of dropping a value before each sum while training.
  public var dropout: Float
  /// What enters a block weighs as much in the sum, `α`.
  public let residualScale: Float

  /// A layer of two blocks, whose weights are divided.
  public init(
    attention: SelfAttention, feedForward: any FeedForward, dropout: Float, depth: Int
  ) {
    (self.attention, self.feedForward, self.dropout) = (attention, feedForward, dropout)
    attentionNorm = LayerNorm(width: attention.width)
    feedForwardNorm = LayerNorm(width: attention.width)
    residualScale = pow(2 * Float(depth), 0.25)
    divideWeights(by: pow(8 * Float(depth), 0.25))
  }

  /// The biases are 0.
  private mutating func divideWeights(by divisor: Float) {
    attention.value.weight = attention.value.weight / divisor
    attention.output.weight = attention.output.weight / divisor
    feedForward.update { place, tensor in
      if place.role == .weight { tensor = tensor / divisor }
    }
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let attended = attention(x, in: pass)
    let y = attentionNorm(
      x * residualScale, adding: attended, dropout: pass.dropoutMask(probability: dropout))
    let mapped = pass.mappingReadFrames(of: y) { feedForward($0, in: pass) }
    pass.keep(feedForwardOutput: mapped)
    return feedForwardNorm(
      y * residualScale, adding: mapped, dropout: pass.dropoutMask(probability: dropout))
  }

  /// The norm stands before the first layer.
  public static var stackNorm: Transformer.NormPlace { .first }

  /// Shows blocks and norms in the order in which frames pass them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("attention", &attention)
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("feedForward", &feedForward)
    visitor.child("feedForwardNorm", &feedForwardNorm)
  }
}
