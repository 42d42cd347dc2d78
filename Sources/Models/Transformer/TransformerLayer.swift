import Tensor

/// One layer of a transformer encoder: attention over the frames, then a map of each frame.
public protocol TransformerLayer: Module {
  /// A layer of two blocks, with norms of its own.
  ///
  /// - Parameters:
  ///   - attention: Over frames of `D` channels.
  ///   - feedForward: Of the same width.
  ///   - dropout: Probability of dropping a value before each residual sum while training.
  ///   - depth: Layers of the stack in which it stands, for those that scale by it.
  init(attention: SelfAttention, feedForward: any FeedForward, dropout: Float, depth: Int)

  /// - Parameters:
  ///   - x: Frames, `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor

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

  /// The layer as the pass wants it: keeping what its gradient needs, or computing that again.
  func run(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    guard pass.recomputesLayers else { return self(x, in: pass) }
    let (start, plain) = (pass.replayed(), detached())
    return Tensor.checkpointed(
      [x] + parameters.map(\.tensor), computing: { plain($0[0], in: pass) },
      again: { plain.with(parameters: $0.dropFirst())($0[0], in: start.replayed()) })
  }

  /// This layer with other parameters, in the order of `visit`.
  private func with(parameters: some Sequence<Tensor>) -> Self {
    var (copy, next) = (self, parameters.makeIterator())
    copy.update { _, parameter in parameter = next.next() ?? parameter }
    return copy
  }
}
