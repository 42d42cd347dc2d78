import Synchronization
import Tensor
import TestSupport
import Testing

/// What runs where nobody asks for a gradient, against the same operations with a history: weights laid
/// out for products, GELU within them, norms within convolutions.
@Suite struct FixedOperandTests {
  private static let tolerances: [(DType, Float)] = [(.float32, 2e-6), (.bfloat16, 8e-3)]

  @Test(arguments: tolerances, [true, false])
  func linear(type: (dtype: DType, tolerance: Float), activating: Bool) {
    let x = Tensor.normal([3, 50, 96], seed: 1).cast(to: type.dtype)
    let (w, b) = (Tensor.normal([160, 96], seed: 2), Tensor.normal([160], seed: 3))
    let expected = x.tracked().linear(weight: w, bias: b)
    expectClose(
      x.linear(weight: w, bias: b, activating: activating).cast(to: .float32),
      (activating ? expected.gelu() : expected).detached().cast(to: .float32),
      relative: type.tolerance)
  }

  /// `T, I, O, K, stride`: windows that overlap by halves, by a third, not at all, and with gaps; 130 frames, cut
  /// into four pieces of 48, of which the last has none.
  @Test(
    arguments: [
      [300, 64, 96, 2, 1], [301, 64, 96, 3, 2], [299, 64, 33, 2, 2], [400, 64, 48, 2, 3],
      [261, 128, 192, 3, 2],
    ],
    tolerances)
  func convolution(sizes: [Int], type: (dtype: DType, tolerance: Float)) {
    let x = Tensor.normal([2, sizes[0], sizes[1]], seed: 1).cast(to: type.dtype)
    let w = Tensor.normal([sizes[2], sizes[3], sizes[1]], seed: 2)
    let b = Tensor.normal([sizes[2]], seed: 3)
    expectClose(
      x.conv1d(weight: w, bias: b, stride: sizes[4], activating: true).cast(to: .float32),
      x.tracked().conv1d(weight: w, bias: b, stride: sizes[4]).gelu().detached()
        .cast(to: .float32),
      relative: type.tolerance)
  }

  @Test(arguments: tolerances)
  func groupedConvolution(type: (dtype: DType, tolerance: Float)) {
    let x = Tensor.normal([2, 150, 64], seed: 1).cast(to: type.dtype)
    let (w, b) = (Tensor.normal([64, 16, 16], seed: 2), Tensor.normal([64], seed: 3))
    expectClose(
      x.conv1d(weight: w, bias: b, padding: .both(8), groups: 4, activating: true)
        .cast(to: .float32),
      x.tracked().conv1d(weight: w, bias: b, padding: .both(8), groups: 4).gelu().detached()
        .cast(to: .float32),
      relative: type.tolerance)
  }

  @Test(arguments: tolerances)
  func firstConvolution(type: (dtype: DType, tolerance: Float)) {
    let x = Tensor.normal([1, 2005, 1], seed: 1)
    let (w, b) = (Tensor.normal([48, 10, 1], seed: 2), Tensor.normal([48], seed: 3))
    expectClose(
      x.conv1d(weight: w, bias: b, stride: 5, into: type.dtype, activating: true)
        .cast(to: .float32),
      x.tracked().conv1d(weight: w, bias: b, stride: 5, into: type.dtype).gelu().detached()
        .cast(to: .float32),
      relative: type.tolerance)
  }

  /// The same on every CPU over the library that those with AVX-512 use.
  @Test func overOneDNNAsOverBLAS() async {
    await #expect(processExitsWith: .success) {
      OneDNN.isForced.store(true, ordering: .relaxed)
      let tests = FixedOperandTests()
      tests.linear(type: (.float32, 2e-6), activating: true)
      tests.linear(type: (.float32, 2e-6), activating: false)
      tests.convolution(sizes: [301, 64, 96, 3, 2], type: (.float32, 2e-6))
      tests.groupedConvolution(type: (.float32, 2e-6))
      tests.changedWeightsCount()
      let (a, b) = (Tensor.normal([130, 90], seed: 1), Tensor.normal([90, 70], seed: 2))
      let sums = (a.insertingAxis(at: 2) * b.insertingAxis(at: 0)).sum(axis: 1)
      expectClose(a.matmul(b), sums, relative: 2e-6)
    }
  }

  /// A weight laid out in panels for a grouped convolution serves no linear map of other columns.
  @Test func panelsServeNoLinearMap() async {
    await #expect(processExitsWith: .success) {
      OneDNN.isForced.store(true, ordering: .relaxed)
      let w = Tensor.normal([64, 16, 16], seed: 1)
      let x = Tensor.normal([2, 150, 32], seed: 2)
      _ = x.conv1d(weight: w, padding: .both(8), groups: 2)
      let rows = Tensor.normal([100, 256], seed: 3)
      let half = w.reshaped([64, 256]).sliced(axis: 0, 0..<32)
      let expected = rows.tracked().linear(weight: half).detached()
      expectClose(rows.linear(weight: half), expected, relative: 2e-6)
    }
  }

  /// A parameter that changes is laid out again.
  @Test func changedWeightsCount() {
    let x = Tensor.normal([100, 64], seed: 1)
    var w = Tensor.normal([64, 64], seed: 2)
    _ = x.linear(weight: w)
    w.update { $0[5] += 3 }
    expectClose(
      x.linear(weight: w), x.tracked().linear(weight: w).detached(), relative: 2e-6)
  }

  /// A signal far from zero whose filtered part is small: sums in Double do not lose it.
  @Test(arguments: [Float(0), 100])
  func normOverTimeWithinTheConvolution(offset: Float) {
    let x = Tensor.normal([1, 4000, 1], seed: 1) + offset
    let w = Tensor.normal([24, 10, 1], seed: 2)
    let (scale, shift) = (Tensor.normal([24], seed: 3), Tensor.normal([24], seed: 4))
    let folded = x.convolutionNormalizedOverTime(
      weight: w, stride: 5, scale: scale, shift: shift)
    expectClose(
      x.conv1d(weight: folded.weight, bias: folded.bias, stride: 5),
      x.conv1d(weight: w, stride: 5).normalizedOverTime(weight: scale, bias: shift),
      relative: offset == 0 ? 2e-6 : 1e-4)
  }
}
