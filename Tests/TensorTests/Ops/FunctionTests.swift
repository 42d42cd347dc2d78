import Tensor
import TestSupport
import Testing

@Suite struct FunctionTests {
  @Test(arguments: [[1], [17], [3, 5], [2, 1, 9], [0, 4]] as [Shape])
  func gradients(shape: Shape) {
    let x = Tensor.normal(shape, seed: 1)
    let positive = x.squared() + 0.5
    expectGradients(of: { $0[0].exp() }, at: [x * 0.5])
    expectGradients(of: { $0[0].log() }, at: [positive])
    expectGradients(of: { $0[0].squareRoot() }, at: [positive])
    expectGradients(of: { $0[0].squared() }, at: [x])
    expectGradients(of: { $0[0].gelu() }, at: [x * 2])
  }

  @Test func edgesOfTheRange() {
    let x = Tensor([-.infinity, -1, 0, .infinity, .nan])
    #expect(x.exp().scalars.map(\.isNaN) == [false, false, false, false, true])
    #expect(x.exp().scalars[0] == 0 && x.exp().scalars[3] == .infinity)
    #expect(x.log().scalars.map(\.isNaN) == [true, true, false, false, true])
    #expect(x.log().scalars[2] == -.infinity && x.log().scalars[3] == .infinity)
  }
}
