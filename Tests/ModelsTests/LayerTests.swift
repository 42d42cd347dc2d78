import Models
import Tensor
import TestSupport
import Testing

/// Layers built by themselves, without an encoder.
@Suite struct LayerTests {
  static let layers: [any TransformerLayer.Type] = [
    PostNormLayer.self, PreNormLayer.self, DeepNormLayer.self,
  ]

  private static func layer(
    _ type: any TransformerLayer.Type, seed: UInt64 = 1, depth: Int = 1
  ) -> any TransformerLayer {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    let attention = SelfAttention(width: 12, heads: 3, using: &generator)
    let block = GELUFeedForward(width: 12, inner: 20, using: &generator)
    return type.init(attention: attention, feedForward: block, dropout: 0, depth: depth)
  }

  @Test func aMapWithoutBias() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let maps = [
      Linear(from: 3, to: 2, hasBias: false, using: &generator),
      Linear.uniform(from: 3, to: 2, hasBias: false, using: &generator),
    ]
    for map in maps {
      #expect(map.parameters.map(\.path) == ["weight"])
      let x = Tensor.normal([4, 3], seed: 2)
      expectClose(map(x), Linear(weight: map.weight, bias: .zeros([2]))(x), relative: 1e-6)
    }
  }

  /// By the operation, with the layer's own numbers.
  @Test(arguments: [1, 3], [true, false])
  func convolutionsAreTheirOperations(groups: Int, hasBias: Bool) {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let x = Tensor.normal([2, 9, 6], seed: 2)
    let conv = Conv1d(
      from: 6, to: 12, kernel: 3, stride: 2, padding: .both(1), dilation: 2, groups: groups,
      hasBias: hasBias, using: &generator)
    #expect(conv.weight.shape == [12, 3, 6 / groups])
    #expect(conv.parameters.map(\.path) == (hasBias ? ["weight", "bias"] : ["weight"]))
    let y = x.conv1d(
      weight: conv.weight, bias: conv.bias, stride: 2, padding: .both(1), dilation: 2,
      groups: groups)
    #expect(conv(x).scalars == y.scalars)

    let back = TransposedConv1d(
      from: 6, to: 12, kernel: 4, stride: 2, trimming: .both(1), groups: groups,
      hasBias: hasBias, using: &generator)
    #expect(back.weight.shape == [6, 4, 12 / groups])
    #expect(back.parameters.map(\.path) == (hasBias ? ["weight", "bias"] : ["weight"]))
    let z = x.transposedConv1d(
      weight: back.weight, bias: back.bias, stride: 2, trimming: .both(1), groups: groups)
    #expect(back(x).shape == [2, 18, 12] && back(x).scalars == z.scalars)
  }

  /// PyTorch's bound is 1/√(channels of a group · taps): of those that enter, and if transposed of those
  /// that leave.
  @Test func convolutionsBeginWithinPyTorchsBounds() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let conv = Conv1d(from: 8, to: 64, kernel: 5, groups: 2, using: &generator)
    let back = TransposedConv1d(from: 64, to: 8, kernel: 5, groups: 2, using: &generator)
    let bound = 1 / Float(4 * 5).squareRoot()
    for numbers in [conv.weight, back.weight].map(\.scalars) {
      let largest = numbers.map(abs).max()!
      #expect(largest <= bound && largest > 0.99 * bound)
    }
  }

  /// `y = norm(x + attention(x))`, `norm(y + block(y))`.
  @Test func postNormIsItsFormula() throws {
    let layer = try #require(Self.layer(PostNormLayer.self) as? PostNormLayer)
    let (x, pass) = (Tensor.normal([2, 5, 12], seed: 3), ForwardPass.evaluating())
    let y = layer.attentionNorm(x + layer.attention(x, in: pass))
    let expected = layer.feedForwardNorm(y + layer.feedForward(y, in: pass))
    expectClose(layer(x, in: pass), expected, relative: 1e-5)
  }

  /// `y = x + attention(norm(x))`, `y + block(norm(y))`.
  @Test func preNormIsItsFormula() throws {
    let layer = try #require(Self.layer(PreNormLayer.self) as? PreNormLayer)
    let (x, pass) = (Tensor.normal([2, 5, 12], seed: 3), ForwardPass.evaluating())
    let y = x + layer.attention(layer.attentionNorm(x), in: pass)
    let expected = y + layer.feedForward(layer.feedForwardNorm(y), in: pass)
    expectClose(layer(x, in: pass), expected, relative: 1e-5)
  }

  /// With a depth of 8, `α` is 2 and weights are divided by √8.
  @Test func deepNormIsItsFormula() throws {
    let layer = try #require(Self.layer(DeepNormLayer.self, depth: 8) as? DeepNormLayer)
    let plain = try #require(Self.layer(PostNormLayer.self) as? PostNormLayer)
    #expect(layer.residualScale == 2)
    let (x, pass) = (Tensor.normal([2, 5, 12], seed: 3), ForwardPass.evaluating())
    let y = layer.attentionNorm(x * 2 + layer.attention(x, in: pass))
    let expected = layer.feedForwardNorm(y * 2 + layer.feedForward(y, in: pass))
    expectClose(layer(x, in: pass), expected, relative: 1e-5)

    for ((path, small), (_, full)) in zip(layer.parameters, plain.parameters) {
      let isDivided =
        ["attention.value.weight", "attention.output.weight"].contains(path)
        || path.hasPrefix("feedForward.") && path.hasSuffix("weight")
      expectClose(small, isDivided ? full / Float(8).squareRoot() : full, relative: 1e-6)
    }
  }

  @Test(arguments: layers.indices)
  func aStackHasItsNormWhereItsLayersSay(index: Int) {
    let type = Self.layers[index]
    let stack = Transformer([Self.layer(type, depth: 2), Self.layer(type, depth: 2)], width: 12)
    #expect(stack.normPlace == (type == PreNormLayer.self ? .last : .first))
    #expect(stack(.normal([2, 5, 12], seed: 3), in: .evaluating()).shape == [2, 5, 12])
  }

  @Test func frozenLayersHaveNoGradients() {
    var stack = Transformer(
      [Self.layer(PostNormLayer.self), Self.layer(PostNormLayer.self, seed: 2)], width: 12)
    stack.trackGradients()
    stack.layers[0].freeze()
    let y = stack(.normal([2, 5, 12], seed: 3), in: .evaluating())
    let gradients = (y * .normal(y.shape, seed: 4)).sum().gradients()
    for (path, tensor) in stack.parameters {
      let isFrozen = path.hasPrefix("layers.0.")
      #expect(tensor.isTracked != isFrozen && (gradients[tensor] == nil) == isFrozen, "\(path)")
    }
  }

  @Test func mistakesTrap() async {
    let stack = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Transformer([], width: 12) }
    expectWords("Transformer: needs at least one layer, got 0", in: stack)
    let heads = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = RandomStream(seed: 1, purpose: .initialisation)
      _ = SelfAttention(width: 12, heads: 5, using: &generator)
    }
    expectWords("SelfAttention: 5 heads do not divide width 12", in: heads)
    let lists = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = RandomStream(seed: 1, purpose: .initialisation)
      _ = ConvFeatureExtractor(
        channels: [4, 4], kernels: [3], strides: [2, 2], using: &generator)
    }
    let groups = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = RandomStream(seed: 1, purpose: .initialisation)
      _ = Conv1d(from: 6, to: 8, kernel: 3, groups: 3, using: &generator)
    }
    expectWords("Conv1d: 3 groups do not divide 6 and 8 channels", in: groups)
    let back = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = RandomStream(seed: 1, purpose: .initialisation)
      _ = TransposedConv1d(from: 6, to: 8, kernel: 3, groups: 3, using: &generator)
    }
    expectWords("TransposedConv1d: 3 groups do not divide 6 and 8 channels", in: back)
    expectWords("2 channels, 1 kernels and 2 strides are not as many of each", in: lists)
  }
}

@Suite struct BlockCostTests {
  /// What is said of a block before it is built is what is built then.
  @Test(arguments: FeedForwardKind.allCases, [Float(0), 0.1])
  func blocksCostWhatTheySay(kind: FeedForwardKind, dropout: Float) {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let block = kind.block.init(width: 12, inner: 20, dropout: dropout, using: &generator)
    let cost = kind.block.cost(width: 12, inner: 20, dropout: dropout)
    #expect(cost.parameters == block.parameterCount)
    #expect(cost.tensors == block.parameters.count)
    // Of each weight every number meets a frame once.
    let weights = block.parameters.map(\.tensor).filter { $0.rank == 2 }
    #expect(cost.products == weights.reduce(0) { $0 + $1.elementCount })
  }

  /// In a process of its own, because the figures are the process's.
  @Test(arguments: FeedForwardKind.allCases, [Float(0), 0.1])
  func blocksKeepWhatTheySay(kind: FeedForwardKind, dropout: Float) async {
    await #expect(processExitsWith: .success) { [kind, dropout] in
      var generator = RandomStream(seed: 1, purpose: .initialisation)
      var block: any FeedForward = kind.block.init(
        width: 64, inner: 256, dropout: dropout, using: &generator)
      block.trackGradients()
      let x = Tensor.normal([4, 512, 64], seed: 2).tracked()
      let said = kind.block.cost(width: 64, inner: 256, dropout: dropout).kept
      let before = MemoryStatistics.current.inUse
      let y = block(x, in: .training(seed: 3, step: 4, samples: [5, 6, 7, 8]))
      let kept = Double(MemoryStatistics.current.inUse - before) / 4 / (4 * 512) - 64
      #expect(y.isTracked && abs(kept / Double(said) - 1) < 0.05, "\(kept)")
    }
  }

  @Test func attentionCostsWhatItSays() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let attention = SelfAttention(width: 12, heads: 3, using: &generator)
    let cost = SelfAttention.cost(width: 12, frames: 7)
    #expect(cost.parameters == attention.parameterCount)
    #expect(cost.tensors == attention.parameters.count)
    // Four maps; of a frame's scores, 12 multiplications with each of 7 frames, and as many in the sum.
    #expect(cost.products == 4 * 12 * 12 + 2 * 7 * 12)
  }

  @Test(arguments: FeedForwardKind.allCases, AudioEncoder.NormOrder.allCases)
  func anEncoderCountsItsLayers(kind: FeedForwardKind, order: AudioEncoder.NormOrder) throws {
    var config = AudioEncoder.Config.tiny
    (config.feedForward, config.normOrder) = (kind, order)
    let encoder = try AudioEncoder.random(config)
    #expect(config.parameterCount == encoder.parameterCount)
    let layer = encoder.transformer.layers[0]
    let cost = config.layerCost(frames: 3)
    #expect(cost.parameters == layer.parameterCount && cost.tensors == layer.parameters.count)
  }

  /// By hand, for MERT-95M: q, k, v, their input, the attended, two sums and a norm; the inner values
  /// before GELU, and after it if they are dropped.
  @Test(arguments: [(dropout: Float(0), inner: 1), (0.1, 2)])
  func keepsWhatTheGradientNeeds(dropout: Float, inner: Int) {
    var config = AudioEncoder.Config()
    config.activationDropout = dropout
    #expect(config.layerCost(frames: 374).kept == 8 * 768 + inner * 3072)
  }
}
