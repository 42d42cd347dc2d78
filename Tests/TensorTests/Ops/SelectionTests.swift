import Tensor
import TestSupport
import Testing

@Suite struct SelectionTests {
  static let a = Tensor([1, 2, 3, .nan])
  static let b = Tensor([2, 2, 2, 2])

  @Test func comparisons() {
    let (a, b) = (Self.a, Self.b)
    #expect((a .< b).scalars == [1, 0, 0, 0] && (a .< 2).scalars == [1, 0, 0, 0])
    #expect((a .<= b).scalars == [1, 1, 0, 0] && (a .<= 2).scalars == [1, 1, 0, 0])
    #expect((a .> b).scalars == [0, 0, 1, 0] && (a .> 2).scalars == [0, 0, 1, 0])
    #expect((a .>= b).scalars == [0, 1, 1, 0] && (a .>= 2).scalars == [0, 1, 1, 0])
    #expect((a .== b).scalars == [0, 1, 0, 0] && (a .== 2).scalars == [0, 1, 0, 0])
    #expect((a .!= b).scalars == [1, 0, 1, 1] && (a .!= 2).scalars == [1, 0, 1, 1])
  }

  @Test func aMaskBroadcastsCountsAndLeavesTypes() {
    let column = Tensor([0, 1], shape: [2, 1])
    let mask = column .< Tensor([0.5, 1.5])
    #expect(mask.shape == [2, 2] && mask.scalars == [1, 1, 0, 1])
    #expect(mask.mean().scalar == 0.75 && !(Tensor([1]).tracked() .< 2).isTracked)
    for dtype in [DType.float32, .bfloat16] {
      #expect((column.cast(to: dtype) * mask).dtype == dtype)
      #expect(column.cast(to: dtype).replacing(with: 3, where: mask).dtype == dtype)
    }
    // 0.1 is compared as it is, not as bfloat16 would round it.
    #expect((Tensor([0.1]).cast(to: .bfloat16) .== 0.1).scalars == [0])
  }

  /// Neither the numbers that were not taken nor their gradients may come through, whatever they
  /// are.
  @Test func whatIsReplacedIsGone() throws {
    let x = Tensor([.nan, 1, .infinity, 4]).tracked()
    let y = Tensor([5, .nan, 7, -.infinity]).tracked()
    let mask = Tensor([1, 0, -2, 0])
    let z = x.replacing(with: y, where: mask)
    #expect(z.scalars == [5, 1, 7, 4])
    let found = z.gradients(along: Tensor([1, .infinity, 3, 4]))
    #expect(found[x]?.scalars == [0, .infinity, 0, 4])
    #expect(found[y]?.scalars == [1, 0, 3, 0])
    #expect(x.replacing(with: 0, where: x.detached() .!= x.detached()).scalars[0] == 0)
  }

  @Test(
    arguments: [
      ([3, 5], [5], [3, 1]), ([5], [3, 1], [2, 3, 5]), ([], [], [4]), ([3, 1], [1, 5], []),
    ] as [(Shape, Shape, Shape)])
  func allThreeBroadcast(x: Shape, y: Shape, mask: Shape) {
    let mask = Tensor.normal(mask, seed: 3) .> 0
    let inputs = [Tensor.normal(x, seed: 1), .normal(y, seed: 2)]
    expectGradients(of: { $0[0].replacing(with: $0[1], where: mask) }, at: inputs)
    let composed = inputs[0] * (mask .== 0) + inputs[1] * mask
    #expect(inputs[0].replacing(with: inputs[1], where: mask).scalars == composed.scalars)
  }

  @Test func extremesOfTwo() throws {
    let (a, b) = (Tensor([1, 2, 3, .nan, 5]), Tensor([2, 2, 2, 2, .nan]))
    #expect(Tensor.maximum(a, b).scalars.prefix(3) == [2, 2, 3])
    #expect(Tensor.minimum(a, b).scalars.prefix(3) == [1, 2, 2])
    for y in [Tensor.maximum(a, b), .minimum(a, b), .maximum(b, a), .minimum(b, a)] {
      #expect(y.scalars.map(\.isNaN) == [false, false, false, true, true])
    }
    let x = a.tracked()
    #expect(Tensor.maximum(x, 2).sum().gradients()[x]?.scalars.prefix(3) == [0, 0.5, 1])
    #expect(Tensor.minimum(x, 2).sum().gradients()[x]?.scalars.prefix(3) == [1, 0.5, 0])
  }
}
