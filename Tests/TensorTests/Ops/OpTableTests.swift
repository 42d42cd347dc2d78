import Tensor
import TestSupport
import Testing

/// Every differentiable operation at every odd size: gradients by finite differences, and bfloat16
/// against float32. What is particular to one operation is in its own suite.
@Suite struct OpTableTests {
  /// A batch of none, one and several, times a width of one, less than a vector, and a vector and one.
  static let batches = [0, 1, 3]
  static let widths = [1, 5, 17]

  struct Op: Sendable {
    /// Shapes of the inputs that may be bfloat16, for a batch `b` and a width `w`.
    var inputs: @Sendable (_ b: Int, _ w: Int) -> [Shape]
    /// Shapes of those that stay float32.
    var parameters: @Sendable (_ w: Int) -> [Shape] = { _ in [] }
    /// What comes out of bfloat16.
    var half = DType.bfloat16
    /// Inputs are squared and have this added, for functions of positive numbers.
    var positive: Float?
    var function: @Sendable ([Tensor]) -> Tensor
  }

  static let one: @Sendable (Int, Int) -> [Shape] = { b, w in [[b, w]] }
  static let two: @Sendable (Int, Int) -> [Shape] = { b, w in [[b, w], [b, w]] }
  static let frames: @Sendable (Int, Int) -> [Shape] = { b, w in [[b, 4, w]] }
  static let channels: @Sendable (Int) -> [Shape] = { w in [[w], [w]] }

  static let elementwise: [String: Op] = [
    "add": Op(inputs: two) { $0[0] + $0[1] },
    "addRow": Op(inputs: { b, w in [[b, w], [w]] }) { $0[0] + $0[1] },
    "subtractColumn": Op(inputs: { b, w in [[b, w], [b, 1]] }) { $0[0] - $0[1] },
    "multiply": Op(inputs: two) { $0[0] * $0[1] },
    "divide": Op(inputs: two, positive: 1) { $0[0] / $0[1] },
    "affine": Op(inputs: one) { 2 - $0[0] * 3 },
    "scalingGradient": Op(inputs: one) { $0[0].scalingGradient(by: 1) },
    "exp": Op(inputs: one) { $0[0].exp() },
    "log": Op(inputs: one, positive: 0.5) { $0[0].log() },
    "squareRoot": Op(inputs: one, positive: 0.5) { $0[0].squareRoot() },
    "squared": Op(inputs: one) { $0[0].squared() },
    "gelu": Op(inputs: one) { $0[0].gelu() },
    "smoothL1": Op(inputs: one) { $0[0].smoothL1(beta: 0.7) },
    "cast": Op(inputs: one, half: .float32) { $0[0].cast(to: .float32) },
  ]

  /// Where a function has a corner, the numbers are kept away from it: a step must not cross it.
  static let activations: [String: Op] = [
    "tanh": Op(inputs: one) { $0[0].tanh() },
    "sigmoid": Op(inputs: one) { $0[0].sigmoid() },
    "logSigmoid": Op(inputs: one) { $0[0].logSigmoid() },
    "softplus": Op(inputs: one) { $0[0].softplus() },
    "relu": Op(inputs: one) { apart($0[0]).relu() },
    "leakyReLU": Op(inputs: one) { apart($0[0]).leakyReLU(slope: 0.3) },
    "elu": Op(inputs: one) { $0[0].elu() },
    "silu": Op(inputs: one) { $0[0].silu() },
    "glu": Op(inputs: { b, w in [[b, 2 * w]] }) { $0[0].glu() },
    "abs": Op(inputs: one) { apart($0[0]).abs() },
    "sin": Op(inputs: one) { $0[0].sin() },
    "cos": Op(inputs: one) { $0[0].cos() },
    "raised": Op(inputs: one, positive: 0.5) { $0[0].raised(to: -1.5) },
    "clamped": Op(inputs: one) { apart($0[0]).clamped(lower: 0, upper: 9) },
    "maximumOfTwo": Op(inputs: two) { .maximum(apart($0[0]), $0[1] * 0.1) },
    "minimumOfTwo": Op(inputs: { b, w in [[b, w], [w]] }) { .minimum(apart($0[0]), $0[1] * 0.1) },
    "maximumWithNumber": Op(inputs: one) { .maximum(apart($0[0]), 0) },
    "replacing": Op(inputs: { b, w in [[b, w], [b, 1]] }) { x in
      x[0].replacing(with: x[1], where: x[0].detached() .> 0.2)
    },
    "replacingWithNumber": Op(inputs: one) { x in
      x[0].replacing(with: 2, where: Tensor((0..<x[0].shape[1]).map { Float($0 % 2) }))
    },
  ]

  static let views: [String: Op] = [
    "reshaped": Op(inputs: frames) { $0[0].reshaped([4, $0[0].elementCount / 4]) },
    "permuted": Op(inputs: frames) { $0[0].permuted([2, 0, 1]) },
    "transposed": Op(inputs: frames) { $0[0].transposed() },
    "sliced": Op(inputs: frames) { $0[0].sliced(axis: 1, 1..<3) },
    "subscript": Op(inputs: frames) { $0[0][0..., -1] },
    "concatenated": Op(inputs: two) { .concatenated($0, axis: 1) },
    "stacked": Op(inputs: two) { .stacked($0, axis: -1) },
    "insertingAxis": Op(inputs: one) { $0[0].insertingAxis(at: 1) },
    "broadcast": Op(inputs: { b, w in [[b, 1, w]] }) { x in
      x[0].broadcast(to: [2, x[0].shape[0], 3, x[0].shape[2]])
    },
    "gatheringRows": Op(inputs: one) { x in
      x[0].gatheringRows(x[0].shape[0] == 0 ? [] : [0, x[0].shape[0] - 1, 0])
    },
    "placingRows": Op(inputs: one) { x in
      let count = x[0].shape[0]
      return x[0].placingRows(at: (0..<count).map { 2 * count - 2 * $0 }, of: 2 * count + 1)
    },
    "dropoutOfFrames": Op(inputs: one) { x in
      var mask = dropout(x[0])
      mask.frames = mask.samples.map { 3 * $0 + 1 }
      return x[0].dropout(mask)
    },
    "replacingRows": Op(inputs: { b, w in [[b, w], [w]] }) { x in
      x[0].replacingRows(at: Array(0..<x[0].shape[0] / 2), with: x[1])
    },
    "dropout": Op(inputs: one) { $0[0].dropout(dropout($0[0])) },
  ]

  static let reductions: [String: Op] = [
    "sum": Op(inputs: one, half: .float32) { $0[0].sum() },
    "sumOfRows": Op(inputs: one, half: .float32) { $0[0].sum(axis: 0) },
    "meanOfColumns": Op(inputs: one, half: .float32) { $0[0].mean(axis: 1) },
    "variance": Op(inputs: one, half: .float32) { $0[0].cast(to: .float32).variance(axis: 1) },
    "maximum": Op(inputs: one) { spread($0[0]).maximum(axis: 1) },
    "minimum": Op(inputs: frames) { spread($0[0]).minimum(axis: 1, keepingDims: true) },
  ]

  static let rows: [String: Op] = [
    "softmax": Op(inputs: one, half: .float32) { $0[0].softmax() },
    "l2Normalized": Op(inputs: one, half: .float32) { $0[0].l2Normalized() },
    "crossEntropy": Op(inputs: one, half: .float32) { x in
      x[0].crossEntropy(targets: targets(x[0].shape[0], of: x[0].shape[1]))
    },
    "crossEntropyAmong": Op(inputs: one, parameters: { w in [[7, w]] }, half: .float32) { x in
      x[0].crossEntropy(among: x[1], targets: targets(x[0].shape[0], of: 7), temperature: 0.7)
        .losses
    },
    "layerNorm": Op(inputs: one, parameters: channels) {
      $0[0].layerNorm(weight: $0[1], bias: $0[2])
    },
    "layerNormOfSum": Op(inputs: two, parameters: channels) { x in
      x[0].layerNorm(adding: x[1], dropout: dropout(x[0]), weight: x[2], bias: x[3])
    },
    "sumAndLayerNorm": Op(inputs: two, parameters: channels) { x in
      let (sum, norm) = x[0].sumAndLayerNorm(
        adding: x[1], dropout: dropout(x[0]), weight: x[2], bias: x[3])
      return sum - norm
    },
    "adding": Op(inputs: two) { $0[0].adding($0[1], dropout: dropout($0[0])) },
    "normalizedOverTime": Op(inputs: frames, parameters: channels) {
      $0[0].normalizedOverTime(weight: $0[1], bias: $0[2])
    },
    "scaledColumns": Op(inputs: frames, parameters: channels) {
      $0[0].scaledColumns(by: $0[1], plus: $0[2])
    },
    "normalizedOverTimeGELU": Op(inputs: frames, parameters: channels) {
      $0[0].normalizedOverTime(weight: $0[1], bias: $0[2], activating: true)
    },
  ]

  static let products: [String: Op] = [
    "matmul": Op(inputs: { b, w in [[b, w], [w, 3]] }) { $0[0].matmul($0[1]) },
    "matmulOfStacks": Op(inputs: { b, w in [[b, 2, w], [b, 3, w]] }) {
      $0[0].matmul($0[1], transposingRight: true)
    },
    "einsum": Op(inputs: { b, w in [[b, 3, w], [b, w, 2]] }) {
      .einsum("bqd,bdk->kbq", $0[0], $0[1])
    },
    "linear": Op(inputs: frames, parameters: { w in [[3, w], [3]] }) {
      $0[0].linear(weight: $0[1], bias: $0[2])
    },
    "conv1d": Op(inputs: { b, w in [[b, 9, w]] }, parameters: { w in [[3, 4, w], [3]] }) {
      $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2)
    },
    "groupedConv1d": Op(
      inputs: { b, w in [[b, 6, 2 * w]] }, parameters: { w in [[4, 3, w], [4]] }
    ) {
      $0[0].conv1d(weight: $0[1], bias: $0[2], padding: .both(1), groups: 2)
    },
    "attention": Op(inputs: { b, w in Array(repeating: [b, 4, 2 * w], count: 3) }) {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2)
    },
    "attentionOfOneFrame": Op(inputs: { b, w in Array(repeating: [b, 1, w], count: 3) }) {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 1)
    },
    "attentionWithDropout": Op(inputs: { b, w in Array(repeating: [b, 4, w], count: 3) }) { x in
      let mask = DropoutMask(
        probability: 0.3, seed: 1, step: 2, site: 3, samples: Array(0..<x[0].shape[0]))
      return .attention(queries: x[0], keys: x[1], values: x[2], heads: 1, dropout: mask)
    },
    "attentionAcross": Op(inputs: { b, w in [[b, 5, 2 * w], [b, 3, 2 * w], [b, 3, 2 * w]] }) {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2)
    },
    "attentionWithBias": Op(
      inputs: { b, w in [[b, 4, 2 * w], [b, 3, 2 * w], [b, 3, 2 * w]] },
      parameters: { _ in [[2, 4, 3]] }
    ) {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2, bias: $0[3])
    },
    "attentionWithBiasOfSamples": Op(
      inputs: { b, w in Array(repeating: [b, 4, 2 * w], count: 3) + [[b, 2, 4, 4]] }
    ) {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2, bias: $0[3])
    },
    "causalAttention": Op(inputs: { b, w in Array(repeating: [b, 4, 2 * w], count: 3) }) {
      .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2, context: .causal)
    },
    "causalAttentionWithAll": Op(
      inputs: { b, w in [[b, 4, 2 * w], [b, 5, 2 * w], [b, 5, 2 * w]] },
      parameters: { _ in [[1, 4, 5]] }
    ) { x in
      let samples = Array(0..<x[0].shape[0])
      return .attention(
        queries: x[0], keys: x[1], values: x[2], heads: 2, bias: x[3], context: .causal,
        dropout: DropoutMask(probability: 0.3, seed: 1, step: 2, site: 3, samples: samples),
        lengths: samples.map { 5 - $0 })
    },
  ]

  static let rotations: [String: Op] = [
    "rotatedHalves": Op(inputs: { b, w in [[b, 4, 4 * w]] }) { x in
      x[0].rotated(heads: 2, frequencies: frequencies(x[0].shape[2] / 4))
    },
    "rotatedNeighbours": Op(inputs: { b, w in [[b, 3, 6 * w]] }) { x in
      x[0].rotated(
        heads: 3, frequencies: frequencies(x[0].shape[2] / 6), pairs: .neighbours)
    },
    "rotatedInPart": Op(inputs: { b, w in [[b, 4, w + 2]] }) { x in
      x[0].rotated(heads: 1, frequencies: frequencies((x[0].shape[2] - 1) / 2))
    },
  ]

  static let convolutions: [String: Op] = [
    "paddedByZeros": Op(inputs: frames) { $0[0].padded(Padding(left: 1, right: 3)) },
    "paddedByReflection": Op(inputs: frames) {
      $0[0].padded(Padding(left: 1, right: 3), mode: .reflect)
    },
    "paddedByReplication": Op(inputs: frames) {
      $0[0].padded(Padding(left: 6, right: 1), mode: .replicate)
    },
    "eluPadded": Op(inputs: frames) { $0[0].elu(padded: Padding(left: 1, right: 3)) },
    "eluPaddedByReflection": Op(inputs: frames) {
      $0[0].elu(padded: Padding(left: 3, right: 2), mode: .reflect)
    },
    "eluPaddedByReplication": Op(inputs: frames) {
      $0[0].elu(padded: Padding(left: 1, right: 5), mode: .replicate)
    },
    "conv1dPadded": Op(inputs: frames, parameters: { w in [[3, 5, w], [3]] }) {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], stride: 2, padding: Padding(left: 4, right: 1))
    },
    "conv1dDilated": Op(inputs: { b, w in [[b, 7, w]] }, parameters: { w in [[3, 3, w], [3]] }) {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], padding: .causal(kernel: 3, dilation: 2), dilation: 2)
    },
    "conv1dInStridedGroups": Op(
      inputs: { b, w in [[b, 7, 2 * w]] }, parameters: { w in [[4, 3, w], [4]] }
    ) {
      $0[0].conv1d(
        weight: $0[1], bias: $0[2], stride: 3, padding: Padding(left: 0, right: 2), dilation: 2,
        groups: 2)
    },
    "conv1dDepthwise": Op(
      inputs: { b, w in [[b, 5, 4 * w]] }, parameters: { w in [[4 * w, 7, 1], [4 * w]] }
    ) { x in
      x[0].conv1d(
        weight: x[1], bias: x[2], padding: .same(kernel: 7), groups: x[0].shape[2])
    },
    "conv1dDepthwiseDilated": Op(
      inputs: { b, w in [[b, 7, 2 * w]] }, parameters: { w in [[2 * w, 3, 1], [2 * w]] }
    ) { x in
      x[0].conv1d(
        weight: x[1], bias: x[2], padding: Padding(left: 1, right: 5), dilation: 3,
        groups: x[0].shape[2])
    },
    "transposedConv1d": Op(inputs: frames, parameters: { w in [[w, 4, 3], [3]] }) {
      $0[0].transposedConv1d(
        weight: $0[1], bias: $0[2], stride: 2, trimming: Padding(left: 1, right: 0))
    },
    "transposedConv1dAligned": Op(inputs: frames, parameters: { w in [[w, 6, 3], [3]] }) {
      $0[0].transposedConv1d(
        weight: $0[1], bias: $0[2], stride: 2, trimming: Padding(left: 2, right: 4))
    },
    "transposedConv1dInGroups": Op(
      inputs: { b, w in [[b, 4, 2 * w]] }, parameters: { w in [[2 * w, 2, 3], [6]] }
    ) {
      $0[0].transposedConv1d(
        weight: $0[1], bias: $0[2], stride: 3, trimming: .both(1), dilation: 2, groups: 2)
    },
  ]

  static let planes: [String: Op] = [
    "conv2d": Op(inputs: { b, w in [[b, 4, 3, w]] }, parameters: { w in [[3, 2, 2, w], [3]] }) {
      $0[0].conv2d(weight: $0[1], bias: $0[2])
    },
    "conv2dStrided": Op(
      inputs: { b, w in [[b, 5, 7, w]] }, parameters: { w in [[2, 3, 4, w], [2]] }
    ) {
      $0[0].conv2d(
        weight: $0[1], bias: $0[2],
        time: ConvolutionAxis(dilation: 2, padding: Padding(left: 3, right: 1)),
        frequency: ConvolutionAxis(stride: 2, padding: Padding(left: 1, right: 4)))
    },
    "conv2dOverBands": Op(
      inputs: { b, w in [[b, 3, w + 4, 2]] }, parameters: { _ in [[3, 1, 3, 2], [3]] }
    ) {
      $0[0].conv2d(
        weight: $0[1], bias: $0[2], time: ConvolutionAxis(stride: 2),
        frequency: ConvolutionAxis(stride: 3, dilation: 2))
    },
  ]

  static let recurrences: [String: Op] = [
    "lstm": Op(inputs: frames, parameters: { w in [[12, w], [12, 3], [12], [12]] }) { x in
      x[0].lstm(
        inputWeight: x[1], hiddenWeight: x[2] * 0.5, inputBias: x[3], hiddenBias: x[4]
      ).outputs
    },
    "lstmFromState": Op(
      inputs: { b, w in [[b, 3, 2], [b, w], [b, w]] },
      parameters: { w in [[4 * w, 2], [4 * w, w], [4 * w], [4 * w]] }
    ) { x in
      x[0].lstm(
        inputWeight: x[3], hiddenWeight: x[4] * 0.3, inputBias: x[5], hiddenBias: x[6],
        from: LSTMState(hidden: x[1], cell: x[2])
      ).outputs
    },
  ]

  static let all = [
    elementwise, activations, views, reductions, rows, products, rotations, convolutions, planes,
    recurrences,
  ]
  .reduce([:]) { $0.merging($1) { a, _ in a } }

  /// Numbers along axis 1 that a small step does not bring into another order.
  private static func spread(_ x: Tensor) -> Tensor {
    let count = x.shape[1]
    let steps = Tensor((0..<count).map { Float($0 * 7 % count) })
    let along = Shape([count] + x.shape.dropFirst(2).map { _ in 1 })
    return x * 0.1 + steps.reshaped(along).cast(to: x.dtype)
  }

  /// Odd elements well above 0, the others well below.
  private static func apart(_ x: Tensor) -> Tensor {
    let signs = Tensor((0..<x.shape[1]).map { Float($0 % 2 * 2 - 1) })
    return (x.squared() + 0.5) * signs.cast(to: x.dtype)
  }

  private static func frequencies(_ count: Int) -> [Float] { (0..<count).map { 1 / Float($0 + 1) } }

  private static func dropout(_ x: Tensor) -> DropoutMask {
    DropoutMask(probability: 0.3, seed: 1, step: 2, site: 3, samples: Array(0..<x.shape[0]))
  }

  private static func targets(_ count: Int, of classes: Int) -> [Int32] {
    (0..<count).map { Int32(($0 * 5 + 1) % classes) }
  }

  private func inputs(_ op: Op, _ b: Int, _ w: Int) -> [Tensor] {
    op.inputs(b, w).enumerated().map { i, shape in
      let x = Tensor.normal(shape, seed: UInt64(i))
      return op.positive.map { x.squared() + $0 } ?? x
    }
  }

  private func parameters(_ op: Op, _ w: Int) -> [Tensor] {
    op.parameters(w).enumerated().map { i, shape in .normal(shape, seed: UInt64(10 + i)) }
  }

  @Test(arguments: all.keys.sorted(), batches)
  func gradientsMatchFiniteDifferences(name: String, batch: Int) throws {
    let op = try #require(Self.all[name])
    for width in Self.widths {
      expectGradients(of: op.function, at: inputs(op, batch, width) + parameters(op, width))
    }
  }

  /// Not at a width of 1, where norms and softmax have no gradient but what rounding leaves.
  @Test(arguments: all.keys.sorted(), batches)
  func bfloat16IsFloat32Rounded(name: String, batch: Int) throws {
    let op = try #require(Self.all[name])
    for width in Self.widths where width > 1 {
      expectRounding(
        of: op.function, at: inputs(op, batch, width), parameters: parameters(op, width),
        into: op.half, relative: 4 * bfloatRounding)
    }
  }
}
