import Tensor

/// One layer of a transformer encoder: attention over the frames, then a map of each frame.
public protocol TransformerLayer: EncoderLayer {
  /// A layer of two blocks, with norms of its own.
  ///
  /// - Parameters:
  ///   - attention: Over frames of `D` channels.
  ///   - feedForward: Of the same width.
  ///   - dropout: Probability of dropping a value before each residual sum while training.
  ///   - depth: Layers of the stack in which it stands, for those that scale by it.
  init(attention: SelfAttention, feedForward: any FeedForward, dropout: Float, depth: Int)

  /// Where a stack of such layers has its one norm.
  static var stackNorm: Transformer.NormPlace { get }

  /// What it costs beside its two blocks.
  static func cost(width: Int) -> BlockCost
}

extension TransformerLayer {
  /// Two layer norms. It keeps two sums and the feed-forward block's input; attention's input is counted
  /// with attention.
  public static func cost(width: Int) -> BlockCost {
    (LayerNorm.cost(width: width) + LayerNorm.cost(width: width)).keeping(3 * width)
  }
}
