import Tensor
import TestSupport
import Testing

@Suite struct ViewTests {
  @Test func gradientsOfOtherShapes() {
    let x = Tensor.normal([2, 3, 5], seed: 1)
    expectGradients(of: { $0[0].reshaped([5, 6]).squared() }, at: [x])
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      expectGradients(of: { $0[0].permuted(order).squared() }, at: [x])
    }
    expectGradients(of: { $0[0].permuted([1, 0]).exp() }, at: [.normal([1, 9], seed: 2)])
  }

  @Test(arguments: [(0, 0..<1), (0, 1..<2), (1, 1..<3), (2, 4..<5), (-1, 0..<3), (-2, 2..<2)])
  func gradientsOfSlices(axis: Int, range: Range<Int>) {
    let x = Tensor.normal([2, 3, 5], seed: 3)
    expectGradients(of: { $0[0].sliced(axis: axis, range).squared() }, at: [x])
  }

  @Test(arguments: [0, 1, 2, -1])
  func gradientsOfConcatenations(axis: Int) {
    let parts = [1, 3, 0, 2].enumerated().map { i, length in
      Tensor.normal(Shape([2, 3, 5]).replacing(axis: axis, with: length), seed: UInt64(i))
    }
    expectGradients(of: { Tensor.concatenated($0, axis: axis).squared() }, at: parts)
  }

  @Test func values() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.permuted([1, 0]).scalars == [1, 4, 2, 5, 3, 6])
    #expect(x.sliced(axis: 1, 1..<3).scalars == [2, 3, 5, 6])
    #expect(x.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<1).scalars == [4])
    #expect(Tensor.concatenated([x, x], axis: 1).scalars == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    #expect(Tensor([Int32(1), 2, 3]).sliced(axis: 0, 1..<3).integers == [2, 3])
  }

  @Test func aSliceKeepsItsValueWhenTheWholeChanges() {
    var x = Tensor([1, 2, 3, 4], shape: [2, 2])
    let row = x.sliced(axis: 0, 1..<2)
    x.update { $0[2] = 9 }
    #expect(row.scalars == [3, 4] && x.scalars == [1, 2, 9, 4])
  }

  @Test func changingASliceLeavesTheWhole() {
    let x = Tensor([1, 2, 3, 4], shape: [2, 2])
    var row = x.sliced(axis: 0, 1..<2)
    row.update { $0[0] = 9 }
    #expect(row.scalars == [9, 4] && x.scalars == [1, 2, 3, 4])
  }
}
