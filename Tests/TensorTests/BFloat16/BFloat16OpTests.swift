import Tensor
import TestSupport
import Testing

/// Operations on bfloat16 against the same on the same numbers in float32.
@Suite struct BFloat16OpTests {
  typealias Op = @Sendable ([Tensor]) -> Tensor

  static let elementwiseOps: [String: Op] = [
    "add": { $0[0] + $0[1] },
    "subtract": { $0[0] - $0[1] },
    "multiply": { $0[0] * $0[1] },
    "gelu": { $0[0].gelu() + $0[1] },
    "scaled": { $0[0] * 1.5 - $0[1] },
    "squared": { $0[0].squared() + $0[1] },
  ]

  /// A scalar, lengths that no vector divides, more than one chunk, nothing.
  @Test(
    arguments: elementwiseOps.keys.sorted(),
    [[], [1], [33], [2, 3, 5], [3, 1201], [0, 4]] as [Shape])
  func elementwise(name: String, shape: Shape) {
    expectRounding(
      of: Self.elementwiseOps[name]!, at: [.normal(shape, seed: 1), .normal(shape, seed: 2)])
  }

  static let viewOps: [String: Op] = [
    "reshaped": { $0[0].reshaped([7, 15]) },
    "permuted": { $0[0].permuted([2, 0, 1]) },
    "sliced": { $0[0].sliced(axis: 1, 2..<6) },
    "leading": { $0[0].sliced(axis: 0, 1..<2) },
    "gatheringRows": { $0[0].reshaped([21, 5]).gatheringRows([3, 0, 3]) },
    "replacingRows": {
      $0[0].reshaped([21, 5]).replacingRows(at: [3, 0, 20], with: $0[1])
    },
    "concatenated": { .concatenated([$0[0], $0[0]], axis: 1) },
    "dropout": {
      $0[0].dropout(
        DropoutMask(probability: 0.3, seed: 1, step: 2, site: 3, samples: [4, 5, 6]))
    },
  ]

  @Test(arguments: viewOps.keys.sorted())
  func views(name: String) {
    let row = Tensor.normal([5], seed: 2).cast(to: .bfloat16).cast(to: .float32)
    let parameters = name == "replacingRows" ? [row] : []
    expectRounding(
      of: Self.viewOps[name]!, at: [.normal([3, 7, 5], seed: 1)], parameters: parameters)
  }

  static let sumOps: [String: Op] = [
    "sum": { $0[0].sum() }, "rows": { $0[0].sum(axis: -1) }, "columns": { $0[0].sum(axis: 0) },
    "middle": { $0[0].mean(axis: 1) },
  ]

  /// Sums leave bfloat16: they are statistics.
  @Test(arguments: sumOps.keys.sorted())
  func sums(name: String) {
    expectRounding(of: Self.sumOps[name]!, at: [.normal([3, 130, 67], seed: 1)], into: .float32)
  }

  /// With a mask of many chunks, the same elements fall as in float32.
  @Test func dropoutDrawsTheSameMask() {
    let mask = DropoutMask(probability: 0.5, seed: 1, step: 2, site: 3, samples: [4, 5])
    let x = Tensor.ones([2, 5003])
    #expect(x.cast(to: .bfloat16).dropout(mask).scalars == x.dropout(mask).scalars)
  }

  @Test(arguments: [[1, 1], [3, 1], [2, 5, 37], [0, 6], [1, 1025]] as [Shape])
  func layerNorm(shape: Shape) {
    let width = shape[shape.rank - 1]
    let parameters = [Tensor.normal([width], seed: 2), .normal([width], seed: 3)]
    let x = Tensor.normal(shape, seed: 1)
    // A width of 1 leaves only the bias, whose gradient is exact.
    expectRounding(
      of: { $0[0].layerNorm(weight: $0[1], bias: $0[2]) }, at: [x], parameters: parameters,
      relative: 4 * bfloatRounding)
    expectRounding(
      of: { $0[0].layerNorm(weight: nil, bias: nil) }, at: [x], relative: 4 * bfloatRounding)
  }

  @Test(arguments: [[2, 45, 9], [1, 1, 3], [3, 130, 70], [0, 5, 3]] as [Shape])
  func normalizedOverTime(shape: Shape) {
    let parameters = [Tensor.normal([shape[2]], seed: 2), .normal([shape[2]], seed: 3)]
    expectRounding(
      of: { $0[0].normalizedOverTime(weight: $0[1], bias: $0[2]) },
      at: [.normal(shape, seed: 1)], parameters: parameters, relative: 4 * bfloatRounding)
    expectRounding(
      of: { $0[0].normalizedOverTime(weight: $0[1], bias: $0[2], activating: true) },
      at: [.normal(shape, seed: 1)], parameters: parameters, relative: 4 * bfloatRounding)
  }

  /// `B, T, D, heads`: an odd depth, which has no pairs, odd times, several blocks of rows, nothing.
  static let attended = [
    [2, 5, 6, 2], [1, 7, 15, 5], [3, 2, 4, 1], [2, 33, 40, 2], [1, 410, 32, 2],
    [0, 3, 4, 2],
  ]

  @Test(arguments: attended, [Float(0), 0.3])
  func attention(sizes: [Int], probability: Float) {
    let shape = Shape(Array(sizes.prefix(3)))
    let mask = DropoutMask(
      probability: probability, seed: 1, step: 2, site: 3, samples: Array(0..<sizes[0]))
    expectRounding(
      of: {
        Tensor.attention(
          queries: $0[0], keys: $0[1], values: $0[2], heads: sizes[3],
          dropout: probability > 0 ? mask : nil)
      }, at: (1...3).map { .normal(shape, seed: $0) }, relative: 4 * bfloatRounding)
  }

  /// A single weight is 1 whatever its score, whose gradient is 0 but for the rounding of the result.
  @Test func attentionToOneFrame() {
    expectRounding(
      of: { Tensor.attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 1) },
      at: (1...3).map { .normal([1, 1, 2], seed: $0) })
  }

  @Test func attentionWithPadding() {
    expectRounding(
      of: {
        Tensor.attention(
          queries: $0[0], keys: $0[1], values: $0[2], heads: 2, lengths: [9, 1, 4])
      }, at: (1...3).map { .normal([3, 9, 8], seed: $0) }, relative: 4 * bfloatRounding)
  }

  /// `B, T, I, O, K, stride`: overlapping, touching and skipping windows, ends left over, windows
  /// that are short and more than one block.
  static let strided = [
    [1, 1, 1, 1, 1, 1], [2, 9, 33, 5, 3, 2], [3, 8, 40, 3, 5, 1], [2, 7, 17, 17, 2, 2],
    [1, 11, 20, 2, 2, 3], [2, 12, 1, 2, 10, 5], [0, 5, 20, 3, 2, 1], [1, 2500, 96, 33, 3, 2],
    [3, 203, 1, 37, 10, 5],
  ]

  @Test(arguments: strided, [true, false])
  func conv1d(sizes: [Int], biased: Bool) {
    let weight = Tensor.normal([sizes[3], sizes[4], sizes[2]], seed: 2)
    let parameters = [weight] + (biased ? [Tensor.normal([sizes[3]], seed: 3)] : [])
    expectRounding(
      of: { $0[0].conv1d(weight: $0[1], bias: biased ? $0[2] : nil, stride: sizes[5]) },
      at: [.normal([sizes[0], sizes[1], sizes[2]], seed: 1)],
      parameters: parameters.map { $0.cast(to: .bfloat16).cast(to: .float32) })
  }

  /// The waveform stays float32, only the features are rounded.
  @Test func aWaveformBecomesBFloat16() {
    let x = Tensor.normal([2, 203, 1], seed: 1)
    let (w, b) = (Tensor.normal([37, 10, 1], seed: 2), Tensor.normal([37], seed: 3))
    let expected = x.conv1d(weight: w, bias: b, stride: 5)
    let found = x.conv1d(weight: w, bias: b, stride: 5, into: .bfloat16)
    #expect(found.dtype == .bfloat16)
    #expect(found.scalars == expected.cast(to: .bfloat16).scalars)
  }

  /// `B, T, I, O, K, groups, padding`: odd and even kernels, one group, depth-wise, more taps than
  /// fit into a block, more rows than a block has.
  static let grouped = [
    [1, 1, 1, 1, 1, 1, 0], [2, 7, 6, 4, 3, 2, 1], [1, 5, 4, 4, 4, 4, 2], [3, 6, 3, 5, 2, 1, 0],
    [2, 4, 9, 3, 5, 3, 4], [0, 4, 4, 4, 3, 2, 1], [1, 130, 96, 96, 128, 2, 64],
    [1, 1100, 8, 8, 16, 2, 8],
  ]

  @Test(arguments: grouped, [true, false])
  func groupedConv1d(sizes: [Int], biased: Bool) {
    let weight = Tensor.normal([sizes[3], sizes[4], sizes[2] / sizes[5]], seed: 2)
    let parameters = [weight] + (biased ? [Tensor.normal([sizes[3]], seed: 3)] : [])
    expectRounding(
      of: {
        $0[0].conv1d(
          weight: $0[1], bias: biased ? $0[2] : nil, padding: .both(sizes[6]), groups: sizes[5])
      },
      at: [.normal([sizes[0], sizes[1], sizes[2]], seed: 1)],
      parameters: parameters.map { $0.cast(to: .bfloat16).cast(to: .float32) })
  }

  /// A parameter in float32 beside an activation in bfloat16 makes the sum float32.
  @Test func mixedOperandsArePromoted() {
    let a = Tensor([1, 2]).cast(to: .bfloat16).tracked()
    let b = Tensor([0.001, 0.002]).tracked()
    let y = a + b
    #expect(y.dtype == .float32 && y.scalars == [1.001, 2.002])
    let found = y.sum().gradients()
    #expect(found[a]?.dtype == .bfloat16 && found[b]?.dtype == .float32)
  }
}
