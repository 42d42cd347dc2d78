import Foundation
import Tensor
import Testing

/// Shapes that do not fit stop the process with one line that names the operation, the rule and what
/// was given; in optimised builds too, where the standard library's `precondition` would say nothing.
@Suite struct MistakeTests {
  struct Mistake: Sendable {
    let message: String
    let make: @Sendable () -> Void
    init(_ message: String, _ make: @escaping @Sendable () -> Void) {
      (self.message, self.make) = (message, make)
    }
  }

  static let x = Tensor.ones([2, 3])
  static let frames = Tensor.ones([1, 5, 4])

  static let arithmetic = [
    Mistake("+: shapes do not fit, [2, 3] and [2]") { _ = x + .ones([2]) },
    Mistake("/: shapes do not fit, [2, 3] and [3, 3]") { _ = x / .ones([3, 3]) },
    Mistake("add: shapes differ, [2, 3] and [3]") {
      var y = x
      y.add(.ones([3]))
    },
    Mistake("broadcast: shape [2, 3] does not repeat to [2, 4]") { _ = x.broadcast(to: [2, 4]) },
    Mistake("cast: float32 does not become int32") { _ = x.cast(to: .int32) },
  ]

  static let elementwise = [
    Mistake("glu: needs a last axis of even length, got shape [2, 3]") { _ = x.glu() },
    Mistake("glu: needs a last axis of even length, got shape []") { _ = Tensor(1).glu() },
    Mistake("leakyReLU: slope must not be below 0, got -1.0") { _ = x.leakyReLU(slope: -1) },
    Mistake("elu: alpha must not be below 0, got -1.0") { _ = x.elu(alpha: -1) },
    Mistake("raised: the exponent must be finite, got inf") { _ = x.raised(to: .infinity) },
    Mistake("clamped: lower 2.0 must not be above upper 1.0") {
      _ = x.clamped(lower: 2, upper: 1)
    },
    Mistake("maximum: shapes do not fit, [2, 3] and [2]") { _ = Tensor.maximum(x, .ones([2])) },
    Mistake("minimum: shapes do not fit, [2, 3] and [3, 3]") {
      _ = Tensor.minimum(x, .ones([3, 3]))
    },
    Mistake(".<: shapes do not fit, [2, 3] and [2]") { _ = x .< .ones([2]) },
    Mistake(".>=: shapes do not fit, [2] and [2, 3]") { _ = x .>= .ones([2]) },
    Mistake("replacing: shapes do not fit, [2, 3] and [4]") {
      _ = x.replacing(with: .ones([4]), where: x)
    },
    Mistake("replacing: shapes do not fit, [2, 3] and [3, 3]") {
      _ = x.replacing(with: 0, where: .ones([3, 3]))
    },
    Mistake("expected real elements, got int32 of shape [1]") {
      _ = Tensor([Int32(1)]) .== 1
    },
  ]

  static let views = [
    Mistake("reshaped: [2, 3] does not fill [4]") { _ = x.reshaped([4]) },
    Mistake("permuted: [0, 0] does not order the axes of [2, 3]") { _ = x.permuted([0, 0]) },
    Mistake("sliced: 1..<4 is not within axis 1 of shape [2, 3]") { _ = x.sliced(axis: 1, 1..<4) },
    Mistake("axis 2 is not one of shape [2, 3]") { _ = x.transposed(0, 2) },
    Mistake("concatenated: [3, 2] does not fit [5, 3] along axis 0") {
      _ = Tensor.concatenated([x, .ones([3, 2])], axis: 0)
    },
    Mistake("concatenated: needs at least one tensor") { _ = Tensor.concatenated([], axis: 0) },
    Mistake("stacked: needs tensors of one shape, got [[2, 3], [3]]") {
      _ = Tensor.stacked([x, .ones([3])])
    },
    Mistake("subscript: 2 is not within axis 0 of shape [2, 3]") { _ = x[2] },
    Mistake("subscript: 3 indices for the axes of shape [2, 3]") { _ = x[0, 0, 0] },
    Mistake("insertingAxis: at 3 does not fit shape [2, 3]") { _ = x.insertingAxis(at: 3) },
    Mistake("removingAxis: axis 1 of shape [2, 3] is not of length 1") { _ = x.removingAxis(1) },
    Mistake("gatheringRows: an index is not a row of [2, 3]") { _ = x.gatheringRows([2]) },
    Mistake("gatheringRows: an index is not a row of [2, 3]") { _ = x.gatheringRows([-1]) },
    Mistake("replacingRows: index 2 is not a row of [2, 3]") {
      _ = x.replacingRows(at: [2], with: .ones([3]))
    },
    Mistake("replacingRows: a row [2] does not fit the matrix [2, 3]") {
      _ = x.replacingRows(at: [0], with: .ones([2]))
    },
  ]

  static let rows = [
    Mistake("mean: of no elements, axis 1 of shape [2, 0]") {
      _ = Tensor.zeros([2, 0]).mean(axis: 1)
    },
    Mistake("mean: of no elements, shape [0]") { _ = Tensor.zeros([0]).mean() },
    Mistake("axis 1 is not one of shape [2]") { _ = Tensor.zeros([2]).sum(axis: 1) },
    Mistake("maximum: of no elements, axis 0 of shape [0]") { _ = Tensor.zeros([0]).maximum() },
    Mistake("scalar: expected one element, got shape [2, 3]") { _ = x.scalar },
    Mistake("softmax: needs at least one axis, got shape []") { _ = Tensor(3).softmax() },
    Mistake("layerNorm: weight [2] and bias [2] do not fit [2, 3]") {
      _ = x.layerNorm(weight: .ones([2]), bias: .ones([2]))
    },
    Mistake("layerNorm: weight [3] and bias [] do not fit [2, 3]") {
      _ = x.layerNorm(weight: .ones([3]), bias: nil)
    },
    Mistake("layerNorm: a branch [3] of float32 does not fit [2, 3] of float32") {
      _ = x.layerNorm(adding: .ones([3]), weight: .ones([3]), bias: .ones([3]))
    },
    Mistake("sumAndLayerNorm: weight [2] and bias [3] do not fit [2, 3]") {
      _ = x.sumAndLayerNorm(adding: x, weight: .ones([2]), bias: .ones([3]))
    },
    Mistake("sumAndLayerNorm: a branch [3] of float32 does not fit [2, 3] of float32") {
      _ = x.sumAndLayerNorm(adding: .ones([3]), weight: .ones([3]), bias: .ones([3]))
    },
    Mistake("adding: a branch [2, 3] of bfloat16 does not fit [2, 3] of float32") {
      _ = x.adding(x.cast(to: .bfloat16))
    },
    Mistake("adding: 1 sample numbers do not fit shape [2, 3]") {
      _ = x.adding(
        x, dropout: DropoutMask(probability: 0.5, seed: 0, step: 0, site: 0, samples: [0]))
    },
    Mistake("placingRows: 1 indices for shape [2, 3]") { _ = x.placingRows(at: [0], of: 4) },
    Mistake("placingRows: the indices are not different rows of 4") {
      _ = x.placingRows(at: [1, 4], of: 4)
    },
    Mistake("placingRows: the indices are not different rows of 4") {
      _ = x.placingRows(at: [1, 1], of: 4)
    },
    Mistake("dropout: 1 frames of 2 samples") {
      _ = DropoutMask(probability: 0.5, seed: 0, step: 0, site: 0, samples: [0, 1], frames: [0])
    },
    Mistake("scaledColumns: scale [2] and shift [3] do not fit shape [2, 3]") {
      _ = x.scaledColumns(by: .ones([2]), plus: .ones([3]))
    },
    Mistake("normalizedOverTime: needs [B, T, C], got shape [2, 3]") { _ = x.normalizedOverTime() },
    Mistake("crossEntropy: 1 targets do not fit logits [2, 3]") {
      _ = x.crossEntropy(targets: [0])
    },
    Mistake("crossEntropy: a target is not in 0..<3") { _ = x.crossEntropy(targets: [0, 3]) },
    Mistake("crossEntropy: rows [2, 3], codes [3, 4] and 2 targets do not fit") {
      _ = x.crossEntropy(among: .ones([3, 4]), targets: [0, 0], temperature: 1)
    },
    Mistake("crossEntropy: a target is not in 0..<4") {
      _ = x.crossEntropy(among: .ones([4, 3]), targets: [0, 4], temperature: 1)
    },
    Mistake("adamW: gradient [4] does not fit parameter [3]") {
      var (p, m, v) = (Tensor.ones([3]), Tensor.zeros([3]), Tensor.zeros([3]))
      p.adamW(
        gradient: .ones([4]), firstMoment: &m, secondMoment: &v, AdamWTests.numbers(step: 1))
    },
    Mistake("dropout: 3 sample numbers do not fit shape [2, 3]") {
      _ = x.dropout(DropoutMask(probability: 0.5, seed: 0, step: 0, site: 0, samples: [0, 1, 2]))
    },
  ]

  static let products = [
    Mistake("matmul: inner dimensions differ, [2, 3] × [2, 3]") { _ = x.matmul(x) },
    Mistake("matmul: needs two matrices or equal stacks of them, got [2, 3] × [3]") {
      _ = x.matmul(.ones([3]))
    },
    Mistake("matmul: needs two matrices or equal stacks of them, got [2, 2, 3] × [3, 3, 2]") {
      _ = Tensor.ones([2, 2, 3]).matmul(.ones([3, 3, 2]))
    },
    Mistake("linear: input [2, 3] does not fit weight [3, 2]") {
      _ = x.linear(weight: .ones([3, 2]))
    },
    Mistake("linear: bias [3] does not fit weight [4, 3]") {
      _ = x.linear(weight: .ones([4, 3]), bias: .ones([3]))
    },
    Mistake("einsum: 'ij,jk->ik' gives axis j two lengths, shapes [2, 3] and [2, 3]") {
      _ = Tensor.einsum("ij,jk->ik", x, x)
    },
    Mistake("einsum: 'ijk' in 'ijk,jk->ik' does not name the axes of shape [2, 3]") {
      _ = Tensor.einsum("ijk,jk->ik", x, x)
    },
    Mistake("einsum: 'ii' in 'ii,ij->ij' does not name each axis by a letter of its own") {
      _ = Tensor.einsum("ii,ij->ij", x, x)
    },
    Mistake("einsum: 'ij,ij' is not of the form ab,bc->ac") { _ = Tensor.einsum("ij,ij", x, x) },
    Mistake("einsum: an axis of the result is in neither operand, 'ij,ij->ijk'") {
      _ = Tensor.einsum("ij,ij->ijk", x, x)
    },
    Mistake("conv1d: input [1, 5, 4] does not fit weight [3, 2, 3]") {
      _ = frames.conv1d(weight: .ones([3, 2, 3]))
    },
    Mistake("conv1d: input [1, 5, 4] is shorter than the kernel of weight [3, 6, 4]") {
      _ = frames.conv1d(weight: .ones([3, 6, 4]))
    },
    Mistake("conv1d: bias [2] does not fit weight [3, 2, 4]") {
      _ = frames.conv1d(weight: .ones([3, 2, 4]), bias: .ones([2]))
    },
    Mistake("conv1d: bias [8] does not fit weight [4, 3, 2]") {
      _ = frames.conv1d(
        weight: .ones([4, 3, 2]), bias: .ones([8]), padding: .both(1), groups: 2)
    },
    Mistake("conv1d: input [1, 5, 4] in 2 groups does not fit weight [4, 3, 4]") {
      _ = frames.conv1d(weight: .ones([4, 3, 4]), padding: .both(1), groups: 2)
    },
    Mistake("attention: 3 heads of [1, 5, 4], [1, 5, 4], [1, 5, 4] do not fit") {
      _ = Tensor.attention(queries: frames, keys: frames, values: frames, heads: 3)
    },
    Mistake("rotated: 2 pairs in each of 2 heads do not fit shape [1, 5, 4]") {
      _ = frames.rotated(heads: 2, frequencies: [1, 2])
    },
    Mistake("rotated: 1 pairs in each of 1 heads do not fit shape [2, 3]") {
      _ = x.rotated(heads: 1, frequencies: [1])
    },
    Mistake("attention: lengths [6] do not fit shape [1, 5, 4]") {
      _ = Tensor.attention(queries: frames, keys: frames, values: frames, heads: 2, lengths: [6])
    },
    Mistake("attention: 2 sample numbers of a dropout do not fit [1, 5, 4]") {
      let mask = DropoutMask(probability: 0.5, seed: 0, step: 0, site: 0, samples: [0, 1])
      _ = Tensor.attention(
        queries: frames, keys: frames, values: frames, heads: 2, dropout: mask)
    },
    Mistake("attention: 2 heads of [1, 5, 4], [1, 3, 4], [1, 5, 4] do not fit") {
      _ = Tensor.attention(queries: frames, keys: .ones([1, 3, 4]), values: frames, heads: 2)
    },
    Mistake("attention: 2 heads of [1, 5, 4], [2, 5, 4], [2, 5, 4] do not fit") {
      let others = Tensor.ones([2, 5, 4])
      _ = Tensor.attention(queries: frames, keys: others, values: others, heads: 2)
    },
    Mistake("attention: 2 heads of [1, 5, 4], [5, 4], [5, 4] do not fit") {
      _ = Tensor.attention(queries: frames, keys: frames[0], values: frames[0], heads: 2)
    },
    Mistake("attention: lengths [4] do not fit shape [1, 3, 4]") {
      let few = Tensor.ones([1, 3, 4])
      _ = Tensor.attention(queries: frames, keys: few, values: few, heads: 2, lengths: [4])
    },
    Mistake("attention: types differ, float32, bfloat16, float32") {
      _ = Tensor.attention(
        queries: frames, keys: frames.cast(to: .bfloat16), values: frames, heads: 2)
    },
    Mistake("attention: a bias [3, 5, 5] of float32 does not fit scores [1, 2, 5, 5]") {
      _ = Tensor.attention(
        queries: frames, keys: frames, values: frames, heads: 2, bias: .ones([3, 5, 5]))
    },
    Mistake("attention: a bias [2, 3, 5] of float32 does not fit scores [1, 2, 5, 3]") {
      let few = Tensor.ones([1, 3, 4])
      _ = Tensor.attention(
        queries: frames, keys: few, values: few, heads: 2, bias: .ones([2, 3, 5]))
    },
    Mistake("attention: a bias [1, 1, 1] of int32 does not fit scores [1, 1, 1, 1]") {
      let x = Tensor.ones([1, 1, 1])
      let bias = Tensor([Int32(0)], shape: [1, 1, 1])
      _ = Tensor.attention(queries: x, keys: x, values: x, heads: 1, bias: bias)
    },
    Mistake("gradients: direction [2] does not fit [2, 3]") {
      _ = x.tracked().gradients(along: .ones([2]))
    },
  ]

  static let convolutions = [
    Mistake("Padding: -1 and 0 are not both at least 0") { _ = Padding(left: -1, right: 0) },
    Mistake("padded: needs [B, T, C], got shape [2, 3]") { _ = x.padded(.both(1)) },
    Mistake("padded: reflecting 5 frames needs a longer signal, got 5 frames") {
      _ = frames.padded(Padding(left: 0, right: 5), mode: .reflect)
    },
    Mistake("padded: replicating 2 frames needs a frame, got shape [1, 0, 4]") {
      _ = Tensor.zeros([1, 0, 4]).padded(.both(2), mode: .replicate)
    },
    Mistake("elu: needs [B, T, C], got shape [2, 3]") { _ = x.elu(padded: .both(1)) },
    Mistake("elu: reflecting 5 frames needs a longer signal, got 5 frames") {
      _ = frames.elu(padded: Padding(left: 0, right: 5), mode: .reflect)
    },
    Mistake("conv1d: stride 0, dilation 1 and groups 1 are not all at least 1") {
      _ = frames.conv1d(weight: .ones([3, 2, 4]), stride: 0)
    },
    Mistake("conv1d: input [1, 5, 4] in 4 groups does not fit weight [6, 3, 1]") {
      _ = frames.conv1d(weight: .ones([6, 3, 1]), groups: 4)
    },
    Mistake(
      "conv1d: input [1, 5, 4] with padding 1 and 0 at dilation 3 is shorter than the kernel of "
        + "weight [3, 3, 4]"
    ) {
      _ = frames.conv1d(
        weight: .ones([3, 3, 4]), padding: Padding(left: 1, right: 0), dilation: 3)
    },
    Mistake(
      "transposedConv1d: stride 1, dilation 0 and groups 1 are not all at least 1"
    ) {
      _ = frames.transposedConv1d(weight: .ones([4, 2, 3]), dilation: 0)
    },
    Mistake("transposedConv1d: input [1, 5, 4] in 1 groups does not fit weight [3, 2, 4]") {
      _ = frames.transposedConv1d(weight: .ones([3, 2, 4]))
    },
    Mistake("transposedConv1d: bias [3] does not fit weight [4, 2, 3]") {
      _ = frames.transposedConv1d(weight: .ones([4, 2, 3]), bias: .ones([3]), groups: 2)
    },
    Mistake(
      "transposedConv1d: trimming 3 and 3 leaves no frame of input [1, 5, 4] by weight [4, 2, 3]"
    ) {
      _ = frames.transposedConv1d(weight: .ones([4, 2, 3]), trimming: .both(3))
    },
  ]

  static let planes = [
    Mistake("ConvolutionAxis: stride 1 and dilation 0 are not both at least 1") {
      _ = ConvolutionAxis(dilation: 0)
    },
    Mistake("conv2d: input [1, 5, 4] does not fit weight [3, 2, 2, 4]") {
      _ = frames.conv2d(weight: .ones([3, 2, 2, 4]))
    },
    Mistake("conv2d: input [1, 5, 4, 2] does not fit weight [3, 2, 2, 4]") {
      _ = Tensor.ones([1, 5, 4, 2]).conv2d(weight: .ones([3, 2, 2, 4]))
    },
    Mistake(
      "conv2d: input [1, 5, 4, 2], over time with padding 1 and 0 at dilation 3 and over frequency, "
        + "is shorter than the kernel of weight [3, 3, 2, 2]"
    ) {
      _ = Tensor.ones([1, 5, 4, 2]).conv2d(
        weight: .ones([3, 3, 2, 2]),
        time: ConvolutionAxis(dilation: 3, padding: Padding(left: 1, right: 0)))
    },
    Mistake("conv2d: bias [2] does not fit weight [3, 2, 2, 2]") {
      _ = Tensor.ones([1, 5, 4, 2]).conv2d(weight: .ones([3, 2, 2, 2]), bias: .ones([2]))
    },
  ]

  /// An LSTM of width 3 over `frames`, with one of its operands replaced.
  private static func lstm(
    _ input: Shape = [12, 4], hidden: Shape = [12, 3], bias: Shape = [12],
    from state: LSTMState? = nil
  ) {
    _ = frames.lstm(
      inputWeight: .ones(input), hiddenWeight: .ones(hidden), inputBias: .ones(bias),
      hiddenBias: .ones([12]), from: state)
  }

  static let recurrences = [
    Mistake("lstm: hidden weight [12, 4] is not [4 H, H]") { lstm(hidden: [12, 4]) },
    Mistake("lstm: input [1, 5, 4] and hidden weight [12, 3] do not fit weight [12, 5]") {
      lstm([12, 5])
    },
    Mistake("lstm: biases [3] and [12] do not fit weight [12, 4]") { lstm(bias: [3]) },
    Mistake(
      "lstm: a state of [1, 3] and [2, 3] does not fit input [1, 5, 4] and hidden weight [12, 3]"
    ) {
      lstm(from: LSTMState(hidden: .ones([1, 3]), cell: .ones([2, 3])))
    },
  ]

  static let gradients = [
    Mistake("update: in place on a tracked result of shape [1]") {
      var y = Tensor([1]).tracked() * 2
      y.update { $0[0] = 0 }
    },
    Mistake("gradients: of a scalar only, got shape [2]") {
      _ = (Tensor([1, 2]).tracked() * 2).gradients()
    },
    Mistake("gradients: the loss depends on no tracked tensor") {
      _ = Tensor([1, 2]).sum().gradients()
    },
    Mistake("gradients: an earlier call used up part of this graph") {
      let y = Tensor(1).tracked() * 2
      _ = y.squared().gradients()
      _ = y.gradients()
    },
    Mistake("gradients: direction [3, 2] does not fit [2, 3]") {
      _ = Tensor.ones([2, 3]).tracked().exp().gradients(along: .ones([3, 2]))
    },
  ]

  static let values = [
    Mistake("cast: int32 does not become float32") { _ = Tensor([Int32(1)]).scalars },
    Mistake("this tensor holds float32, not int32; shape [1]") { _ = Tensor([1]).integers },
    Mistake("Tensor: 2 elements do not fill shape [3]") { _ = Tensor([1, 2], shape: [3]) },
    Mistake("cast: int32 does not become bfloat16") {
      _ = Tensor([1, 2] as [Int32], shape: [2]).cast(to: .bfloat16)
    },
    Mistake("Cores.count: needs at least one thread, got 0") { Cores.count = 0 },
    Mistake("dropout: probability 1.0 is not in 0..<1") { _ = DropoutTests.mask(1, samples: [0]) },
  ]

  static let all = [
    arithmetic, elementwise, views, rows, products, convolutions, planes, recurrences, gradients,
    values,
  ]
  .flatMap(\.self)

  @Test(arguments: all.indices)
  func theMessageNamesAll(number: Int) async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [number] in
      MistakeTests.all[number].make()
    }
    let printed = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(printed.contains("Fatal error: \(Self.all[number].message)\n"))
  }
}
