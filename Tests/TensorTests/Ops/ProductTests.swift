import Tensor
import TestSupport
import Testing

@Suite struct ProductTests {
  /// `M, K, N`, none a multiple of a vector but one.
  static let sizes = [
    [1, 1, 1], [3, 5, 7], [1, 9, 2], [4, 1, 3], [17, 2, 1], [2, 0, 3], [0, 2, 3],
  ]

  @Test(arguments: sizes, [(false, false), (false, true), (true, false), (true, true)])
  func gradientsOfMatmul(sizes: [Int], transposed: (Bool, Bool)) {
    let (m, k, n) = (sizes[0], sizes[1], sizes[2])
    let (left, right) = transposed
    for stack in [[], [1], [3]] {
      let a = Tensor.normal(Shape(stack + (left ? [k, m] : [m, k])), seed: 1)
      let b = Tensor.normal(Shape(stack + (right ? [n, k] : [k, n])), seed: 2)
      expectGradients(
        of: { $0[0].matmul($0[1], transposingLeft: left, transposingRight: right) }, at: [a, b])
    }
  }

  @Test func matmulOfOneTensorWithItself() {
    expectGradients(
      of: { $0[0].matmul($0[0], transposingRight: true) }, at: [.normal([3, 5], seed: 3)])
  }

  @Test(arguments: [[5], [1, 5], [3, 5], [2, 3, 5], [0, 5]] as [Shape], [true, false])
  func gradientsOfLinear(shape: Shape, biased: Bool) {
    let x = Tensor.normal(shape, seed: 1)
    let parameters = [Tensor.normal([7, 5], seed: 2)] + (biased ? [.normal([7], seed: 3)] : [])
    expectGradients(
      of: { $0[0].linear(weight: $0[1], bias: biased ? $0[2] : nil) }, at: [x] + parameters)
  }

  @Test func values() {
    let a = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let b = Tensor([1, 0, 0, 1, 1, 1], shape: [3, 2])
    #expect(a.matmul(b).scalars == [4, 5, 10, 11])
    #expect(a.matmul(a, transposingRight: true).scalars == [14, 32, 32, 77])
    let bias = Tensor([10, 20])
    #expect(a.linear(weight: b.permuted([1, 0]), bias: bias).scalars == [14, 25, 20, 31])
    #expect(Tensor.ones([2, 0]).matmul(.ones([0, 2])).scalars == [0, 0, 0, 0])
  }

  /// Large enough to be cut over the cores, along either side.
  @Test(arguments: [[301, 67, 45], [45, 67, 301]])
  func cutProductsEqualWholeOnes(sizes: [Int]) {
    let a = Tensor.normal([sizes[0], sizes[1]], seed: 1)
    let b = Tensor.normal([sizes[1], sizes[2]], seed: 2)
    let (x, y) = (a.scalars, b.scalars)
    let expected = (0..<sizes[0] * sizes[2]).map { item -> Float in
      let (i, j) = (item / sizes[2], item % sizes[2])
      return Float(
        (0..<sizes[1]).reduce(0.0) {
          $0 + Double(x[i * sizes[1] + $1]) * Double(y[$1 * sizes[2] + j])
        })
    }
    expectClose(a.matmul(b), Tensor(expected, shape: [sizes[0], sizes[2]]), relative: 1e-6)
  }
}
