import Tensor

extension GoldenTests {
  /// `Tests/Golden/attention.py`
  static let attention: [String: Op] = [
    "toMoreKeys": { .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 3) },
    "toFewerKeys": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2, lengths: [5, 2])
    },
    "bias": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2, bias: $0[3])
    },
    "biasOfAllHeads": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 3, bias: $0[3])
    },
    "biasOfSamples": {
      .attention(
        queries: $0[0], keys: $0[1], values: $0[2], heads: 2, bias: $0[3], lengths: [9, 4])
    },
    "biasExcluding": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 1, bias: $0[3])
    },
    "causal": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 3, context: .causal)
    },
    "causalToMoreKeys": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 1, context: .causal)
    },
    "causalToFewerKeys": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 1, context: .causal)
    },
    "causalInBlocks": {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 1, context: .causal)
    },
    "causalPaddedWithBias": {
      .attention(
        queries: $0[0], keys: $0[1], values: $0[2], heads: 2, bias: $0[3], context: .causal,
        lengths: [14, 3])
    },
    "rotatedHalves": { $0[0].rotated(heads: 2, frequencies: frequencies(5)) },
    "rotatedInPart": { $0[0].rotated(heads: 3, frequencies: frequencies(2)) },
    "rotatedNeighbours": {
      $0[0].rotated(heads: 2, frequencies: frequencies(3), pairs: .neighbours)
    },
  ]

  private static func frequencies(_ count: Int) -> [Float] { (1...count).map { 1 / Float($0) } }
}
