import Tensor
import TestSupport
import Testing

/// Padded, dilated, grouped, depthwise and transposed convolutions against sums written out in Double, at
/// sizes of more than one block.
@Suite struct ConvolutionVariantTests {
  struct Sizes: Sendable, CustomTestStringConvertible {
    var time = 40
    var inputs = 4
    var outputs = 6
    var kernel = 3
    var stride = 1
    var padding = Padding.none
    var dilation = 1
    var groups = 1
    var testDescription: String {
      "T \(time), I \(inputs), O \(outputs), K \(kernel), stride \(stride), "
        + "padding \(padding.left) and \(padding.right), dilation \(dilation), groups \(groups)"
    }

    var weightShape: Shape { [outputs, kernel, inputs / groups] }
    var frames: Int {
      (time + padding.left + padding.right - dilation * (kernel - 1) - 1) / stride + 1
    }
  }

  static let sizes = [
    Sizes(stride: 3, padding: Padding(left: 1, right: 4)),
    Sizes(kernel: 5, padding: .same(kernel: 5, dilation: 3), dilation: 3),
    Sizes(kernel: 4, stride: 5, padding: .both(2), dilation: 3, groups: 2),
    Sizes(kernel: 2, stride: 7, groups: 2),
    Sizes(time: 3, kernel: 2, padding: .both(9), groups: 2),
    Sizes(time: 1700, kernel: 7, padding: .causal(kernel: 7, dilation: 9), dilation: 9),
    Sizes(
      time: 1500, inputs: 160, outputs: 4, kernel: 8, stride: 2, padding: .both(3), dilation: 2),
    Sizes(time: 700, inputs: 4, outputs: 140, dilation: 2),
    Sizes(inputs: 6, padding: .both(1), groups: 6),
    Sizes(inputs: 6, outputs: 12, padding: .both(1), groups: 6),
    Sizes(
      time: 200, inputs: 150, outputs: 150, kernel: 31, padding: .same(kernel: 31), groups: 150),
    Sizes(time: 1, inputs: 64, outputs: 64, kernel: 31, padding: .causal(kernel: 31), groups: 64),
    Sizes(
      time: 97, inputs: 65, outputs: 65, kernel: 6, padding: .both(11), dilation: 2, groups: 65),
    Sizes(time: 300, inputs: 16, outputs: 16, kernel: 13, dilation: 12, groups: 16),
    Sizes(time: 50, inputs: 3, outputs: 3, kernel: 1, groups: 3),
    Sizes(time: 60, kernel: 8, stride: 4, padding: Padding(left: 4, right: 0)),
    Sizes(time: 900, inputs: 70, outputs: 5, kernel: 6, stride: 3, padding: .both(3)),
    Sizes(time: 400, inputs: 1, outputs: 49, kernel: 7, stride: 2),
    Sizes(time: 301, inputs: 16, outputs: 16, kernel: 1),
    Sizes(time: 100, inputs: 9, outputs: 23, kernel: 3, padding: .both(1)),
  ]

  /// The indices that meet: of result, input and weight.
  private static func forEachTerm(_ s: Sizes, _ body: (_ y: Int, _ x: Int, _ w: Int) -> Void) {
    let (inputs, outputs) = (s.inputs / s.groups, s.outputs / s.groups)
    for b in 0..<2 {
      for t in 0..<s.frames {
        for k in 0..<s.kernel {
          let row = s.stride * t + s.dilation * k - s.padding.left
          guard 0..<s.time ~= row else { continue }
          for o in 0..<s.outputs {
            for i in 0..<inputs {
              let x = (b * s.time + row) * s.inputs + o / outputs * inputs + i
              body((b * s.frames + t) * s.outputs + o, x, (o * s.kernel + k) * inputs + i)
            }
          }
        }
      }
    }
  }

  private static func tensor(_ sums: [Double], _ shape: Shape) -> Tensor {
    Tensor(sums.map(Float.init), shape: shape)
  }

  @Test(arguments: sizes, [DType.float32, .bfloat16])
  func sumsAreThoseWrittenOut(s: Sizes, dtype: DType) throws {
    func normal(_ shape: Shape, seed: UInt64) -> Tensor {
      Tensor.normal(shape, seed: seed).cast(to: .bfloat16).cast(to: .float32)
    }
    let x = normal([2, s.time, s.inputs], seed: 1).amidNaN().cast(to: dtype).tracked()
    let weight = normal(s.weightShape, seed: 2).amidNaN().tracked()
    let direction = normal([2, s.frames, s.outputs], seed: 3)
    let (a, w, dy) = (x.scalars, weight.scalars, direction.scalars)
    var y = [Double](repeating: 0, count: dy.count)
    var (dx, dw) = (a.map { _ in 0.0 }, w.map { _ in 0.0 })
    Self.forEachTerm(s) { t, i, k in
      y[t] += Double(a[i]) * Double(w[k])
      dx[i] += Double(dy[t]) * Double(w[k])
      dw[k] += Double(dy[t]) * Double(a[i])
    }
    let found = x.conv1d(
      weight: weight, stride: s.stride, padding: s.padding, dilation: s.dilation, groups: s.groups)
    let gradients = (found * direction).sum().gradients()
    let tolerance = dtype == .float32 ? 2e-6 : 2 * bfloatRounding
    expectClose(found, Self.tensor(y, found.shape), relative: tolerance)
    expectClose(
      try #require(gradients[x]), Self.tensor(dx, x.shape), relative: tolerance)
    expectClose(
      try #require(gradients[weight]), Self.tensor(dw, weight.shape), relative: 2e-6)
  }

  /// The transposed convolution is what `conv1d` does to gradients.
  @Test(arguments: sizes)
  func theTransposedIsTheGradient(s: Sizes) throws {
    let weight = Tensor.normal(s.weightShape, seed: 2)
    let y = Tensor.normal([2, s.frames, s.outputs], seed: 3)
    let x = Tensor.zeros([2, s.time, s.inputs]).tracked()
    let conv = x.conv1d(
      weight: weight, stride: s.stride, padding: s.padding, dilation: s.dilation, groups: s.groups)
    let expected = try #require((conv * y).sum().gradients()[x])
    let found = y.transposedConv1d(
      weight: weight, stride: s.stride, trimming: s.padding, dilation: s.dilation, groups: s.groups)
    // Frames that no window reaches are not in it.
    let common = min(s.time, found.shape[1])
    expectClose(
      found.sliced(axis: 1, 0..<common), expected.sliced(axis: 1, 0..<common), relative: 2e-6)
  }

  @Test func valuesByHand() {
    let x = Tensor([1, 2, 3, 4, 5], shape: [1, 5, 1])
    let weight = Tensor([1, 10, 100], shape: [1, 3, 1])
    let causal = x.conv1d(weight: weight, padding: .causal(kernel: 3))
    #expect(causal.scalars == [100, 210, 321, 432, 543])
    #expect(x.conv1d(weight: weight, dilation: 2).scalars == [531])
    #expect(x.transposedConv1d(weight: weight, stride: 4).shape == [1, 19, 1])
    let spread = x.transposedConv1d(
      weight: weight, bias: Tensor([7]), stride: 2, trimming: Padding(left: 0, right: 8))
    #expect(spread.scalars == [8, 17, 109])
  }

  @Test func paddingByHand() {
    let x = Tensor([1, 2, 3], shape: [1, 3, 1])
    let padding = Padding(left: 2, right: 1)
    #expect(x.padded(padding).scalars == [0, 0, 1, 2, 3, 0])
    #expect(x.padded(padding, mode: .reflect).scalars == [3, 2, 1, 2, 3, 2])
    #expect(x.padded(padding, mode: .replicate).scalars == [1, 1, 1, 2, 3, 3])
    #expect(Padding.same(kernel: 4) == Padding(left: 1, right: 2))
    #expect(Padding.causal(kernel: 16, stride: 8) == Padding(left: 8, right: 0))
    #expect(Padding.causal(kernel: 2, stride: 4) == .none)
    for mode in Padding.Mode.allCases { #expect(x.padded(.none, mode: mode).scalars == [1, 2, 3]) }
  }

  /// What lies ahead of a causal convolution does not change its frames, whatever the stride.
  @Test(arguments: [(7, 1, 3), (16, 8, 1), (4, 2, 1), (3, 5, 1)])
  func causalMeansCausal(kernel: Int, stride: Int, dilation: Int) {
    let padding = Padding.causal(kernel: kernel, stride: stride, dilation: dilation)
    let weight = Tensor.normal([3, kernel, 2], seed: 1)
    let x = Tensor.normal([1, 120, 2], seed: 2)
    let other = Tensor.concatenated([x[0..., ..<80], .normal([1, 40, 2], seed: 3)], axis: 1)
    func frames(_ x: Tensor) -> [Float] {
      x.conv1d(weight: weight, stride: stride, padding: padding, dilation: dilation)[
        0..., ..<(80 / stride)
      ].scalars
    }
    #expect(frames(x) == frames(other))
  }

  @Test(arguments: Padding.Mode.allCases, [DType.float32, .bfloat16])
  func activatedPaddingHasTheBitsOfBoth(mode: Padding.Mode, dtype: DType) {
    let x = Tensor.normal([2, 9, 37], seed: 1).cast(to: dtype)
    for padding in [Padding(left: 4, right: 3), Padding(left: 0, right: 8), .none] {
      let y = x.elu(padded: padding, mode: mode)
      #expect(y.dtype == dtype && y.scalars == x.elu().padded(padding, mode: mode).scalars)
    }
  }

  /// A padded signal is made again for the gradient of the weight, not kept.
  @Test func paddingKeepsNothing() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.normal([1, 10_000, 64], seed: 1).tracked()
      let weight = Tensor.normal([1, 3, 64], seed: 2).tracked()
      let before = MemoryStatistics.current.inUse
      let y = x.conv1d(weight: weight, padding: .both(1))
      #expect(MemoryStatistics.current.inUse - before < 1_000_000)
      #expect(y.sum().gradients()[weight] != nil)
    }
  }

  @Test(arguments: [1, 2, 4]) func geluFollows(groups: Int) {
    let x = Tensor.normal([2, 30, 4], seed: 1)
    let weight = Tensor.normal([4, 3, 4 / groups], seed: 2)
    func y(activating: Bool) -> Tensor {
      x.conv1d(
        weight: weight, padding: .both(2), dilation: 2, groups: groups, activating: activating)
    }
    #expect(y(activating: true).scalars == y(activating: false).gelu().scalars)
  }
}
