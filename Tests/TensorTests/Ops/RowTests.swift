import Tensor
import TestSupport
import Testing

@Suite struct RowTests {
  @Test(arguments: [[], [2], [0, 4, 4, 1], [4, 3, 2, 1, 0]])
  func gradientsOfGathering(indices: [Int]) {
    let x = Tensor.normal([5, 3], seed: 1)
    expectGradients(of: { $0[0].gatheringRows(indices).squared() }, at: [x])
  }

  @Test(arguments: [[], [2], [4, 0], [1, 1, 3]])
  func gradientsOfReplacing(indices: [Int]) {
    let x = Tensor.normal([5, 3], seed: 2)
    let row = Tensor.normal([3], seed: 3)
    expectGradients(of: { $0[0].replacingRows(at: indices, with: $0[1]).squared() }, at: [x, row])
  }

  @Test func values() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
    #expect(x.gatheringRows([2, 0, 2]).scalars == [5, 6, 1, 2, 5, 6])
    #expect(x.replacingRows(at: [1], with: Tensor([8, 9])).scalars == [1, 2, 8, 9, 5, 6])
    #expect(x.scalars == [1, 2, 3, 4, 5, 6])
  }
}
