import Tensor
import TestSupport
import Testing

@Suite struct ReductionTests {
  @Test(arguments: [[1], [19], [3, 7], [2, 3, 5], [2, 1, 9, 2], [2, 0]] as [Shape])
  func gradients(shape: Shape) {
    let x = Tensor.normal(shape, seed: 1)
    expectGradients(of: { $0[0].sum() }, at: [x])
    if shape.elementCount > 0 { expectGradients(of: { $0[0].mean() }, at: [x]) }
    for axis in -shape.rank..<shape.rank {
      expectGradients(of: { $0[0].sum(axis: axis) }, at: [x])
      expectGradients(of: { $0[0].sum(axis: axis, keepingDims: true) }, at: [x])
      if shape[shape.index(ofAxis: axis)] > 0 {
        expectGradients(of: { $0[0].mean(axis: axis) }, at: [x])
      }
    }
  }

  @Test func values() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.sum().scalar == 21 && x.mean().scalar == 3.5)
    #expect(x.sum(axis: 0).scalars == [5, 7, 9] && x.mean(axis: -1).scalars == [2, 5])
    #expect(x.mean(axis: 1, keepingDims: true).shape == [2, 1])
    #expect(Tensor.zeros([0, 2]).sum(axis: 0).scalars == [0, 0])
    #expect(Tensor.zeros([0]).sum().scalar == 0)
  }

  /// A million equal numbers: a plain float sum would be off in the third digit.
  @Test func longSumsKeepTheirDigits() {
    let x = Tensor.full([1 << 20], 0.1)
    expectClose(x.sum(), Tensor(0.1 * Float(1 << 20)), relative: 1e-6)
    expectClose(x.reshaped([1 << 19, 2]).mean(axis: 0), .full([2], 0.1), relative: 2e-6)
  }
}
