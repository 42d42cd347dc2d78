import Tensor
import TestSupport
import Testing

@Suite struct SubscriptTests {
  static let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])

  @Test func positionsRemoveTheirAxis() {
    #expect(Self.x[1].shape == [3, 4] && Self.x[1].scalars == (12..<24).map(Float.init))
    #expect(Self.x[1, -1].scalars == [20, 21, 22, 23])
    #expect(Self.x[1, 2, 3].scalar == 23 && Self.x[1, 2, 3].rank == 0)
    #expect(Self.x[0..., 1].shape == [2, 4])
    #expect(Self.x[0..., 1].scalars == [4, 5, 6, 7, 16, 17, 18, 19])
    #expect(Self.x[0..., 0..., -1].scalars == [3, 7, 11, 15, 19, 23])
  }

  @Test func rangesKeepTheirAxis() {
    #expect(Self.x[1..<2].shape == [1, 3, 4])
    #expect(Self.x[0, ..<2].scalars == (0..<8).map(Float.init))
    #expect(Self.x[0, (-1)...].scalars == [8, 9, 10, 11])
    #expect(Self.x[0, ..<(-1)].shape == [2, 4])
    #expect(Self.x[0, 1...2, 1..<3].scalars == [5, 6, 9, 10])
    #expect(Self.x[0..., 2..<2].shape == [2, 0, 4])
    #expect(Tensor([Int32(4), 5, 6])[1...].integers == [5, 6])
  }

  @Test func gradients() {
    let x = Tensor.normal([2, 3, 4], seed: 1)
    expectGradients(of: { $0[0][1, -1].squared() }, at: [x])
    expectGradients(of: { $0[0][0..., 1..., 2].squared() }, at: [x])
    expectGradients(of: { $0[0][0...].squared() }, at: [x])
  }
}
