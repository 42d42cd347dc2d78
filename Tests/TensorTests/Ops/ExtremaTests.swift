import Tensor
import TestSupport
import Testing

@Suite struct ExtremaTests {
  @Test func values() {
    let x = Tensor([1, 5, 3, 4, 2, 5], shape: [2, 3])
    #expect(x.maximum(axis: 0).scalars == [4, 5, 5] && x.maximum(axis: -1).scalars == [5, 5])
    #expect(x.minimum(axis: 0).scalars == [1, 2, 3] && x.minimum(axis: 1).scalars == [1, 2])
    #expect(x.maximum(axis: 1, keepingDims: true).shape == [2, 1])
    #expect(x.maximum().scalar == 5 && x.minimum().scalar == 1)
    #expect(x.argmax(axis: 0).integers == [1, 0, 1] && x.argmax(axis: 1).integers == [1, 2])
    #expect(Tensor.zeros([0, 3]).maximum(axis: 1).shape == [0])
    let half = x.cast(to: .bfloat16).maximum(axis: 0)
    #expect(half.dtype == .bfloat16 && half.scalars == [4, 5, 5])
  }

  @Test func ofEqualsTheFirst() {
    let x = Tensor([2, 7, 7]).tracked()
    #expect(x.argmax(axis: 0).integers == [1])
    #expect(x.maximum().gradients()[x]?.scalars == [0, 1, 0])
  }

  @Test func notANumberIsNotLost() {
    let x = Tensor([1, .nan, 3, -.infinity, -.infinity, -.infinity], shape: [2, 3])
    #expect(x.argmax(axis: 1).integers == [1, 0])
    #expect(x.transposed(0, 1).argmax(axis: 0).integers == [1, 0])
    #expect(x.maximum(axis: 1).scalars[0].isNaN && x.minimum().scalar.isNaN)
    #expect(x.maximum(axis: 1).scalars[1] == -.infinity)
  }

  /// The predictions of a loss that has diverged show it: they come from the same search.
  @Test func notANumberIsPredictedWhereItIs() {
    let codes = Tensor([1, 0, 0, 1, 1, 1], shape: [3, 2])
    let row = Tensor([.nan, .nan], shape: [1, 2])
    let predictions = row.crossEntropy(among: codes, targets: [2], temperature: 1).predictions
    #expect(predictions == [0])
    let wide = Tensor((0..<70).map { $0 == 66 || $0 == 68 ? .nan : Float($0) })
    #expect(wide.argmax(axis: 0).integers == [66])
  }

  @Test func variance() {
    let x = Tensor([1, 2, 3, 4, 6, 8], shape: [2, 3])
    expectClose(x.variance(axis: 1), Tensor([2.0 / 3, 8.0 / 3]), relative: 1e-6)
    #expect(x.variance(axis: 0, keepingDims: true).scalars == [2.25, 4, 6.25])
    #expect(Tensor.full([5], 0.1).variance().scalar < 1e-15)
  }
}
