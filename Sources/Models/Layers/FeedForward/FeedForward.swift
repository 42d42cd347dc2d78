import Tensor

/// A map of each frame by itself: the second block of a transformer layer.
///
/// A new kind of block is a type of its own and a `FeedForwardKind`: what it costs and what published
/// models call its children stands here, so that nothing else has to know it.
public protocol FeedForward: Module {
  /// A new block.
  ///
  /// - Parameters:
  ///   - width: Channels of a frame, `D`.
  ///   - inner: Channels inside.
  ///   - dropout: Probability of dropping one of these while training.
  ///   - generator: Draws the initial weights.
  init(width: Int, inner: Int, dropout: Float, using generator: inout some RandomNumberGenerator)

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`, before dropout, residual and norm.
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor

  /// What a block of these numbers costs. Its input is not among what it keeps: the layer keeps that.
  static func cost(width: Int, inner: Int, dropout: Float) -> BlockCost

  /// What published models call its linear maps; empty if none has such a block.
  static var publishedNames: [PublishedName] { get }
}

/// The name of a child of a block, here and in the files of other programs.
public struct PublishedName: Sendable {
  /// The property.
  public var ours: String
  /// In `transformers`, below the block.
  public var transformers: String
  /// In fairseq, below the layer.
  public var fairseq: String

  /// A child's three names.
  public init(_ ours: String, transformers: String, fairseq: String) {
    (self.ours, self.transformers, self.fairseq) = (ours, transformers, fairseq)
  }
}
