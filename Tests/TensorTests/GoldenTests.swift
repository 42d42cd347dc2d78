import Tensor
import TestSupport
import Testing

/// Every op against PyTorch in float64: results and all gradients.
///
/// A theme has its script and fixture in `Tests/Golden` and its line in `fixtures`.
@Suite struct GoldenTests {
  typealias Op = @Sendable ([Tensor]) -> Tensor

  static let elementwise: [String: Op] = [
    "add": { $0[0] + $0[1] },
    "subtract": { $0[0] - $0[1] },
    "multiply": { $0[0] * $0[1] },
    "divide": { $0[0] / $0[1] },
    "exp": { $0[0].exp() },
    "log": { $0[0].log() },
    "squareRoot": { $0[0].squareRoot() },
    "gelu": { $0[0].gelu() },
    "squared": { $0[0].squared() },
    "smoothL1": { $0[0].smoothL1(beta: 0.7) },
    "affine": { 2 - $0[0] * 3 },
  ]

  static let views: [String: Op] = [
    "sum": { $0[0].sum(axis: 1) },
    "mean": { $0[0].mean(axis: 1, keepingDims: true) },
    "permuted": { $0[0].permuted([2, 0, 1]) },
    "sliced": { $0[0].sliced(axis: 1, 2..<6) },
    "gatheringRows": { $0[0].gatheringRows([3, 0, 3]) },
    "reshaped": { $0[0].reshaped([5, 6]) },
    "concatenated": { .concatenated([$0[0], $0[1]], axis: 1) },
    "stacked": { .stacked([$0[0], $0[1]], axis: -1) },
    "broadcast": { $0[0].broadcast(to: [2, 3, 4, 5]) },
    "placingRows": { $0[0].placingRows(at: [4, 0, 6], of: 7) },
    "replacingRows": { $0[0].replacingRows(at: [1, 3], with: $0[1]) },
    "sumOfAll": { $0[0].sum() },
    "meanOfAll": { $0[0].mean() },
    "maximum": { $0[0].maximum(axis: 1) },
    "minimum": { $0[0].minimum(axis: -1, keepingDims: true) },
    "variance": { $0[0].variance(axis: 1) },
  ]

  static let rows: [String: Op] = [
    "softmax": { $0[0].softmax() },
    "crossEntropy": { $0[0].crossEntropy(targets: [0, 36, 5]) },
    "crossEntropyAmong": {
      $0[0].crossEntropy(among: $0[1], targets: [0, 10, 5, 5], temperature: 0.1).losses
    },
    "l2Normalized": { $0[0].l2Normalized() },
    "layerNorm": { $0[0].layerNorm(weight: $0[1], bias: $0[2]) },
    "sumAndLayerNorm": {
      let (sum, norm) = $0[0].sumAndLayerNorm(adding: $0[1], weight: $0[2], bias: $0[3])
      return sum * norm
    },
    "adding": { $0[0].adding($0[1]) },
    "layerNormOfSum": { $0[0].layerNorm(adding: $0[1], weight: $0[2], bias: $0[3]) },
    "layerNormPlain": { $0[0].layerNorm(weight: nil, bias: nil) },
    "normalizedOverTime": { $0[0].normalizedOverTime(weight: $0[1], bias: $0[2]) },
    "normalizedOverTimeGELU": {
      $0[0].normalizedOverTime(weight: $0[1], bias: $0[2], activating: true)
    },
    "instanceNorm": { $0[0].normalizedOverTime() },
  ]

  static let products: [String: Op] = [
    "matmul": { $0[0].matmul($0[1]) },
    "matmulTransposed": {
      $0[0].matmul($0[1], transposingLeft: true, transposingRight: true)
    },
    "einsumScores": { .einsum("bqhd,bkhd->bhqk", $0[0], $0[1]) },
    "einsumAlone": { .einsum("ijk,kl->lj", $0[0], $0[1]) },
    "linear": { $0[0].linear(weight: $0[1], bias: $0[2]) },
    "conv1d": { $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2) },
    "conv1dWaveform": { $0[0].conv1d(weight: $0[1], stride: 5) },
    "groupedConv1d": {
      $0[0].conv1d(weight: $0[1], bias: $0[2], padding: .both(8), groups: 3)
    },
    "attention": { Tensor.attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 3) },
    "attentionPadded": {
      Tensor.attention(
        queries: $0[0], keys: $0[1], values: $0[2], heads: 2, lengths: [19, 7])
    },
    "attentionOddDepth": {
      Tensor.attention(
        queries: $0[0], keys: $0[1], values: $0[2], heads: 2, lengths: [45, 31])
    },
  ]

  /// The operations of each fixture, `Tests/Golden/<fixture>.safetensors`.
  static let fixtures: [String: [String: Op]] = [
    "elementwise": activations.merging(selections) { a, _ in a },
    "attention": attention,
    "tensor": [elementwise, views, rows, products].reduce([:]) { $0.merging($1) { a, _ in a } },
    "convolution": convolution,
    "recurrent": recurrent,
  ]

  struct Case: Sendable, CustomTestStringConvertible {
    let fixture: String
    let name: String
    var testDescription: String { "\(fixture).\(name)" }
  }

  static let cases = fixtures.flatMap { fixture, ops in
    ops.keys.map { Case(fixture: fixture, name: $0) }
  }.sorted { $0.testDescription < $1.testDescription }

  /// An input without a gradient in the fixture, a mask for instance, is not tracked.
  @Test(arguments: cases)
  func equalsPyTorch(_ test: Case) throws {
    let values = try golden(test.fixture).of(test.name)
    let wanted = (0...).prefix { values["x\($0)"] != nil }.map { values["dx\($0)"] }
    let inputs = wanted.enumerated().map { i, dx in
      dx == nil ? values["x\(i)"]! : values["x\(i)"]!.tracked()
    }
    let y = Self.fixtures[test.fixture]![test.name]!(inputs)
    expectClose(y, try #require(values["y"]), relative: 1e-5)
    let gradients = (y * (try #require(values["w"]))).sum().gradients()
    for (input, dx) in zip(inputs, wanted) {
      guard let dx else { continue }
      expectClose(try #require(gradients[input]), dx, relative: 1e-5)
    }
  }

  @Test(arguments: fixtures.keys.sorted())
  func everyGoldenCaseIsTested(fixture: String) throws {
    let cases = Set(try golden(fixture).keys.map { String($0.prefix { $0 != "." }) })
    #expect(cases == Set(try #require(Self.fixtures[fixture]).keys))
  }
}

extension [String: Tensor] {
  /// The tensors of one case, without its name before theirs.
  fileprivate func of(_ name: String) -> [String: Tensor] {
    [String: Tensor](
      uniqueKeysWithValues: compactMap { key, value in
        key.hasPrefix(name + ".") ? (String(key.dropFirst(name.count + 1)), value) : nil
      })
  }
}
