import Tensor
import TestSupport
import Testing

/// Operations against PyTorch in bfloat16 (`Tests/Golden/bfloat.py`), within the rounding of each side.
@Suite struct BFloat16GoldenTests {
  typealias Op = @Sendable ([Tensor]) -> Tensor

  static let ops: [String: Op] = [
    "add": { $0[0] + $0[1] },
    "gelu": { $0[0].gelu() },
    "matmul": { $0[0].matmul($0[1]) },
    "linear": { $0[0].linear(weight: $0[1], bias: $0[2]) },
    "layerNorm": { $0[0].layerNorm(weight: $0[1], bias: $0[2]) },
    "conv1d": { $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2) },
    "groupedConv1d": {
      $0[0].conv1d(weight: $0[1], bias: $0[2], padding: .both(8), groups: 3)
    },
  ]

  /// The first input is rounded, and the second of a sum or a product; others are parameters.
  private func inputs(of name: String, from values: [String: Tensor]) -> [Tensor] {
    (0..<3).compactMap { i in
      guard let x = values["\(name).x\(i)"] else { return nil }
      let isActivation = i == 0 || ["add", "matmul"].contains(name)
      return (isActivation ? x.cast(to: .bfloat16) : x).tracked()
    }
  }

  @Test(arguments: ops.keys.sorted())
  func equalsPyTorch(name: String) throws {
    let values = try golden("bfloat")
    let inputs = inputs(of: name, from: values)
    let y = Self.ops[name]!(inputs)
    #expect(y.dtype == .bfloat16)
    let tolerance = 2 * bfloatRounding
    expectClose(
      y.cast(to: .float32), try #require(values["\(name).y"]), relative: tolerance)
    let gradients = (y * (try #require(values["\(name).w"]))).sum().gradients()
    for (i, input) in inputs.enumerated() {
      expectClose(
        try #require(gradients[input]).cast(to: .float32),
        try #require(values["\(name).dx\(i)"]), relative: tolerance)
    }
  }

  @Test func everyGoldenCaseIsTested() throws {
    let cases = Set(try golden("bfloat").keys.map { String($0.prefix { $0 != "." }) })
    #expect(cases == Set(Self.ops.keys))
  }
}
