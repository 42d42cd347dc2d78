import Tensor
import TestSupport
import Testing

@Suite struct ArithmeticTests {
  /// Pairs that broadcast on the left, on the right, on both sides, over several axes, and not.
  static let pairs: [(Shape, Shape)] = [
    ([1], [1]), ([7], [7]), ([], [3]), ([3], []), ([2, 3, 5], [5]), ([5], [2, 3, 5]),
    ([2, 3, 1], [1, 3, 5]), ([2, 1, 4], [3, 1]), ([1, 3, 1], [2, 3, 4]), ([2, 3, 4], [1, 3, 1]),
    ([2, 1, 2, 1], [2, 1, 3]), ([0, 3], [3]), ([1, 17], [3, 17]),
  ]

  @Test(arguments: pairs)
  func gradientsWithBroadcasting(a: Shape, b: Shape) {
    let x = Tensor.normal(a, seed: 1)
    let y = Tensor.normal(b, seed: 2)
    let positive = y.squared() + 1
    expectGradients(of: { $0[0] + $0[1] }, at: [x, y])
    expectGradients(of: { $0[0] - $0[1] }, at: [x, y])
    expectGradients(of: { $0[0] * $0[1] }, at: [x, y])
    expectGradients(of: { $0[0] / $0[1] }, at: [x, positive])
  }

  @Test func gradientsWithNumbers() {
    let x = Tensor.normal([3, 5], seed: 3)
    expectGradients(of: { 2 - ($0[0] * 3 + 1) / 4 + 0.5 * -$0[0] - 1 }, at: [x])
    expectGradients(of: { 3 / ($0[0].squared() + 1) }, at: [x])
  }

  @Test func valuesBroadcastLikeNumPy() {
    let row = Tensor([1, 2, 3])
    let column = Tensor([10, 20], shape: [2, 1])
    #expect((row + column).scalars == [11, 12, 13, 21, 22, 23])
    #expect((column - row).scalars == [9, 8, 7, 19, 18, 17])
    #expect((column * row).scalars == [10, 20, 30, 20, 40, 60])
    #expect((column / row).scalars == [10, 5, 10 / 3, 20, 10, 20 / 3])
    #expect((6 / row).scalars == [6, 3, 2])
    #expect((1 - row).scalars == [0, -1, -2])
  }

  @Test func scaledGradientLeavesTheValue() {
    let x = Tensor([1, 2, 3]).tracked()
    let y = x.scalingGradient(by: 0.25)
    #expect(y.scalars == x.scalars)
    #expect((y * 4).sum().gradients()[x]?.scalars == [1, 1, 1])
  }
}
