import Tensor
import TestSupport
import Testing

/// Products of bfloat16 against those of the same numbers in float32.
@Suite struct BFloat16ProductTests {
  /// `M, K, N`: length 1, no multiples of a vector, nothing at all.
  static let sizes = [
    [1, 1, 1], [3, 5, 7], [1, 9, 2], [4, 1, 3], [17, 2, 1], [33, 47, 65], [2, 0, 3], [0, 2, 3],
  ]

  @Test(arguments: sizes, [(false, false), (false, true), (true, false), (true, true)])
  func matmul(sizes: [Int], transposed: (Bool, Bool)) {
    let (m, k, n) = (sizes[0], sizes[1], sizes[2])
    let (left, right) = transposed
    for stack in [[], [1], [3]] {
      let a = Tensor.normal(Shape(stack + (left ? [k, m] : [m, k])), seed: 1)
      let b = Tensor.normal(Shape(stack + (right ? [n, k] : [k, n])), seed: 2)
      expectRounding(
        of: { $0[0].matmul($0[1], transposingLeft: left, transposingRight: right) }, at: [a, b])
    }
  }

  /// Large enough to be cut over the cores, along either side; the last two along their longer side, or with the tiles of
  /// AMX into whole rows.
  @Test(
    arguments: [
      [301, 67, 45], [45, 67, 301], [300, 768, 129], [257, 130, 517], [800, 513, 900],
    ])
  func cutMatmul(sizes: [Int]) {
    let a = Tensor.normal([sizes[0], sizes[1]], seed: 1)
    let b = Tensor.normal([sizes[1], sizes[2]], seed: 2)
    expectRounding(of: { $0[0].matmul($0[1]) }, at: [a, b])
  }

  @Test(
    arguments: [[5], [1, 5], [3, 5], [2, 3, 5], [0, 5], [2, 150, 5]] as [Shape], [true, false])
  func linear(shape: Shape, biased: Bool) {
    let parameters = [Tensor.normal([7, 5], seed: 2)] + (biased ? [.normal([7], seed: 3)] : [])
    // Parameters that bfloat16 holds, since both sides are to start from the same numbers.
    let exact = parameters.map { $0.cast(to: .bfloat16).cast(to: .float32) }
    expectRounding(
      of: { $0[0].linear(weight: $0[1], bias: biased ? $0[2] : nil) },
      at: [.normal(shape, seed: 1)], parameters: exact)
  }

  /// A gradient of a weight is a sum in float32, not rounded to bfloat16 at the end.
  @Test func gradientOfAWeightIsNotRounded() {
    let x = Tensor.normal([40, 30], seed: 1).cast(to: .bfloat16)
    let w = Tensor.normal([20, 30], seed: 2).tracked()
    let dy = Tensor.normal([40, 20], seed: 3).cast(to: .bfloat16)
    let found = (x.linear(weight: w) * dy).sum().gradients()[w]!
    let expected = dy.cast(to: .float32).matmul(x.cast(to: .float32), transposingLeft: true)
    expectClose(found, expected, relative: 1e-6)
  }

  /// The kept copy of a parameter must not outlive the numbers that it was made of.
  @Test func aChangedParameterIsConvertedAgain() {
    let x = Tensor.ones([1, 2]).cast(to: .bfloat16)
    var w = Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(x.linear(weight: w).scalars == [3, 7])
    let before = w
    w.update { $0[0] = 5 }
    #expect(x.linear(weight: w).scalars == [7, 7])
    #expect(x.linear(weight: before).scalars == [3, 7])
    #expect(x.linear(weight: w.sliced(axis: 0, 1..<2)).scalars == [7])
  }
}
