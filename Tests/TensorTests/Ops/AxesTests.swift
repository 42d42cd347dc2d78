import Tensor
import TestSupport
import Testing

@Suite struct AxesTests {
  @Test func values() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.transposed().scalars == [1, 4, 2, 5, 3, 6])
    #expect(x.reshaped([1, 2, 3]).transposed(0, -1).shape == [3, 2, 1])
    #expect(x.insertingAxis(at: 0).shape == [1, 2, 3])
    #expect(x.insertingAxis(at: 1).shape == [2, 1, 3])
    #expect(x.insertingAxis(at: -1).shape == [2, 3, 1])
    #expect(x.insertingAxis(at: -1).removingAxis(2).shape == [2, 3])
    #expect(Tensor([1, 2]).broadcast(to: [2, 2]).scalars == [1, 2, 1, 2])
    #expect(Tensor([1, 2]).insertingAxis(at: 1).broadcast(to: [2, 2]).scalars == [1, 1, 2, 2])
    #expect(Tensor(3).broadcast(to: [2]).scalars == [3, 3])
    #expect(Tensor.stacked([x, x + 6]).scalars == (1...12).map(Float.init))
    #expect(Tensor.stacked([Tensor([1, 2]), Tensor([3, 4])], axis: -1).scalars == [1, 3, 2, 4])
  }
}
