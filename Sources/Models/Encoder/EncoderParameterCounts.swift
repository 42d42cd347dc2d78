/// How many numbers the parts of an encoder learn.
public struct EncoderParameterCounts: Codable, Sendable, Equatable {
  /// The convolutions that make frames, with their norms.
  public var frontEnd: Int
  /// From their channels to the layers' width; 0 if they have it.
  public var projection: Int
  /// What stands for a masked frame.
  public var maskEmbedding: Int
  /// What gives frames their place; 0 if that is not learned.
  public var positions: Int
  /// One layer.
  public var layer: Int
  /// All layers, and the norm before or after them.
  public var transformer: Int

  /// All of them.
  public var total: Int { frontEnd + projection + maskEmbedding + positions + transformer }

  /// All parts.
  public init(
    frontEnd: Int, projection: Int, maskEmbedding: Int, positions: Int = 0, layer: Int,
    transformer: Int
  ) {
    (self.frontEnd, self.projection) = (frontEnd, projection)
    (self.maskEmbedding, self.positions) = (maskEmbedding, positions)
    (self.layer, self.transformer) = (layer, transformer)
  }
}
