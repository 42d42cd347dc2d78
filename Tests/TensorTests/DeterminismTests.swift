import Tensor
import TestSupport
import Testing

/// Sizes large enough to be cut over threads; in processes of their own, because the number of
/// threads is the process's.
@Suite struct DeterminismTests {
  static func gradients(
    of function: ([Tensor]) -> Tensor, at shapes: [Shape], in dtype: DType = .float32
  ) -> [Float] {
    let leaves = shapes.enumerated().map {
      Tensor.normal($1, seed: UInt64($0)).cast(to: $0 == 0 ? dtype : .float32).tracked()
    }
    let y = function(leaves)
    let found = (y * .normal(y.shape, seed: 9)).sum().gradients()
    return y.scalars + leaves.flatMap { found[$0]!.scalars }
  }

  static func all() -> [[Float]] {
    [
      gradients(of: { $0[0].matmul($0[1]) }, at: [[301, 130], [130, 257]]),
      gradients(of: { $0[0].matmul($0[1]) }, at: [[1501, 200], [200, 900]]),
      gradients(of: { $0[0].matmul($0[1]) }, at: [[3, 401, 130], [3, 130, 257]]),
      gradients(
        of: { $0[0].linear(weight: $0[1], bias: $0[2]) }, at: [[2, 300, 65], [130, 65], [130]]),
      gradients(
        of: { $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2) },
        at: [[1, 900, 33], [70, 3, 33], [70]]),
      gradients(
        of: { $0[0].conv1d(weight: $0[1], stride: 2) }, at: [[2, 1900, 130], [130, 3, 130]]),
      gradients(
        of: { $0[0].conv1d(weight: $0[1], padding: .both(8), groups: 4) },
        at: [[3, 200, 32], [32, 16, 8]]),
      gradients(
        of: { Tensor.attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 4) },
        at: [[3, 90, 32], [3, 90, 32], [3, 90, 32]]),
      gradients(
        of: {
          .attention(
            queries: $0[0], keys: $0[1], values: $0[2], heads: 4, bias: $0[3], context: .causal)
        }, at: [[3, 90, 32], [3, 70, 32], [3, 70, 32], [1, 90, 70]]),
      gradients(
        of: { $0[0].layerNorm(weight: $0[1], bias: $0[2]) }, at: [[2000, 67], [67], [67]]),
      gradients(
        of: { $0[0].normalizedOverTime(weight: $0[1], bias: $0[2]) },
        at: [[3, 700, 67], [67], [67]]),
      gradients(of: { $0[0] * $0[1] }, at: [[3, 700, 67], [67]]),
      gradients(of: { $0[0] / $0[1].exp() }, at: [[5, 40_001], [5, 1]]),
    ]
  }

  /// Padded, dilated, transposed and recurrent ones.
  static func windows() -> [[Float]] {
    [DType.float32, .bfloat16].flatMap { dtype in
      [
        gradients(
          of: { $0[0].conv1d(weight: $0[1], bias: $0[2], padding: .both(6), dilation: 3) },
          at: [[2, 1300, 33], [70, 5, 33], [70]], in: dtype),
        gradients(
          of: { $0[0].conv1d(weight: $0[1], padding: .same(kernel: 9), groups: 70) },
          at: [[3, 500, 70], [70, 9, 1]], in: dtype),
        gradients(
          of: { $0[0].transposedConv1d(weight: $0[1], bias: $0[2], stride: 4) },
          at: [[2, 600, 33], [33, 8, 20], [20]], in: dtype),
        gradients(
          of: { $0[0].padded(.both(40), mode: .reflect) }, at: [[3, 500, 70]], in: dtype),
        gradients(
          of: { $0[0].elu(padded: .both(40), mode: .reflect) }, at: [[3, 500, 70]], in: dtype),
        gradients(
          of: {
            $0[0].conv2d(
              weight: $0[1], bias: $0[2], time: ConvolutionAxis(padding: .both(1)),
              frequency: ConvolutionAxis(stride: 2, padding: .both(4)))
          }, at: [[2, 40, 130, 12], [20, 3, 9, 12], [20]], in: dtype),
        gradients(
          of: { x in
            x[0].lstm(
              inputWeight: x[1], hiddenWeight: x[2] * 0.1, inputBias: x[3], hiddenBias: x[3]
            ).outputs
          }, at: [[2, 150, 33], [600, 33], [600, 150], [600]], in: dtype),
      ]
    }
  }

  static func inBFloat16() -> [[Float]] {
    [
      gradients(
        of: { $0[0].linear(weight: $0[1], bias: $0[2]) }, at: [[2, 300, 65], [130, 65], [130]],
        in: .bfloat16),
      gradients(
        of: { $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2) },
        at: [[3, 900, 33], [70, 3, 33], [70]], in: .bfloat16),
      gradients(
        of: { $0[0].conv1d(weight: $0[1], stride: 5, into: .bfloat16) },
        at: [[2, 9000, 1], [70, 10, 1]]),
      gradients(
        of: { $0[0].conv1d(weight: $0[1], padding: .both(8), groups: 4) },
        at: [[3, 200, 32], [32, 16, 8]], in: .bfloat16),
      gradients(
        of: { $0[0].layerNorm(weight: $0[1], bias: $0[2]) }, at: [[2000, 67], [67], [67]],
        in: .bfloat16),
      gradients(
        of: { .attention(queries: $0[0], keys: $0[0], values: $0[0], heads: 4) },
        at: [[3, 90, 32]], in: .bfloat16),
    ]
  }

  static func losses() -> [[Float]] {
    let targets = (0..<1001).map { Int32($0 % 70) }
    return [
      gradients(
        of: { $0[0].crossEntropy(among: $0[1], targets: targets, temperature: 0.1).losses },
        at: [[1001, 33], [70, 33]]),
      gradients(
        of: { $0[0].crossEntropy(targets: targets) }, at: [[1001, 70]]),
      [Float(Tensor.normal([300_001], seed: 3).sumOfSquares())],
      Tensor.normal([300_001], seed: 4).scalars,
    ]
  }

  @Test func anyThreadsSameBits() async {
    await #expect(processExitsWith: .success) {
      let operations = {
        DeterminismTests.all() + DeterminismTests.windows() + DeterminismTests.inBFloat16()
          + DeterminismTests.losses()
      }
      Cores.count = 1
      let single = operations()
      for threads in [1, 2, 3, 4, 7] {
        Cores.count = threads
        for (i, (found, expected)) in zip(operations(), single).enumerated() {
          #expect(found == expected, "operation \(i) on \(threads) threads")
        }
      }
    }
  }

  @Test func everyItemIsVisitedOnce() async {
    await #expect(processExitsWith: .success) {
      for threads in [1, 2, 5] {
        Cores.count = threads
        for count in [0, 1, 2, 3, 7, 64] {
          var visits = Tensor.zeros([2, count])
          visits.update { visits in
            let base = visits.baseAddress!
            Cores.parallel(count, grain: 1) { for i in $0 { base[i] += 1 } }
            Cores.forEach(count) { base[count + $0] += 1 }
          }
          #expect(visits.scalars == Array(repeating: 1, count: 2 * count))
        }
      }
    }
  }
}
