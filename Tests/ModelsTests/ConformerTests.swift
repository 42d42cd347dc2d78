import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Conformer layers against those of `transformers`, see Golden/conformer.py.
@Suite struct ConformerTests {
  private static func conformer(
    norm: ConvolutionModule.Norm = .batch, context: AttentionContext = .all, dropout: Float = 0,
    seed: UInt64 = 1
  ) -> Conformer {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    var layers: [ConformerLayer] = []
    for _ in 0..<2 {
      layers.append(
        ConformerLayer(
          first: SiLUFeedForward(width: 12, inner: 20, dropout: dropout, using: &generator),
          attention: SelfAttention(
            width: 12, heads: 3, dropout: dropout, rotary: .wav2Vec2Conformer, context: context,
            using: &generator),
          convolution: ConvolutionModule(
            width: 12, kernel: 5, norm: norm, context: context, using: &generator),
          last: SiLUFeedForward(width: 12, inner: 20, dropout: dropout, using: &generator),
          residuals: ConformerLayer.Residuals(dropout: dropout)))
    }
    return Conformer(layers, dropout: dropout)
  }

  private struct Reference {
    let tensors: [String: Tensor]
    var model = conformer()

    init() throws {
      tensors = try golden("conformer")
      let paths = Set(model.state.map(\.path))
      try model.load(tensors.filter { paths.contains($0.key) })
    }

    func tensor(_ name: String) throws -> Tensor { try #require(tensors[name], "\(name)") }
  }

  private static func pass(
    training: Bool, record: ForwardPass.Record = [], recomputing: Bool = false
  ) -> ForwardPass {
    training
      ? .training(
        seed: 3, step: 4, samples: [0, 1], keeping: record, recomputingLayers: recomputing)
      : .evaluating(keeping: record)
  }

  @Test(arguments: [false, true])
  func statesAreTransformers(training: Bool) throws {
    let reference = try Reference()
    let pass = Self.pass(training: training, record: .hiddenStates)
    _ = reference.model(try reference.tensor("x"), in: pass)
    let mode = training ? "training" : "evaluating"
    expectClose(
      .stacked(pass.hiddenStates), try reference.tensor("\(mode).states"), relative: 1e-5)
  }

  @Test(arguments: [(false, false), (true, false), (true, true)])
  func gradientsAreTransformers(training: Bool, recomputing: Bool) throws {
    var reference = try Reference()
    reference.model.trackGradients()
    let x = try reference.tensor("x").tracked()
    let y = reference.model(x, in: Self.pass(training: training, recomputing: recomputing))
    let gradients = (y * (try reference.tensor("dy"))).sum().gradients()
    let mode = training ? "training" : "evaluating"
    for (path, leaf) in [(path: "x", tensor: x)] + reference.model.parameters {
      let gradient = try #require(gradients[leaf], "\(path)")
      if path.hasSuffix("key.bias") {
        // A constant added to every key leaves the softmax as it is: 0 but for rounding.
        #expect(gradient.scalars.allSatisfy { abs($0) < 1e-4 }, "\(path)")
      } else {
        expectClose(gradient, try reference.tensor("\(mode).gradient.\(path)"), relative: 1e-4)
      }
    }
  }

  @Test(arguments: [false, true])
  func runningAveragesMoveAsInPyTorch(recomputing: Bool) throws {
    var reference = try Reference()
    let pass = Self.pass(training: true, record: .batchStatistics, recomputing: recomputing)
    _ = reference.model(try reference.tensor("x"), in: pass)
    var statistics = pass.batchStatistics[...]
    reference.model.updateStatistics(from: &statistics)
    #expect(statistics.isEmpty)
    for (path, buffer) in reference.model.buffers {
      expectClose(buffer, try reference.tensor("training.after.\(path)"), relative: 1e-5)
    }
  }

  @Test func aPassChangesNoRunningAverages() throws {
    let reference = try Reference()
    let before = reference.model.buffers.map(\.tensor.scalars)
    _ = reference.model(try reference.tensor("x"), in: Self.pass(training: true))
    #expect(reference.model.buffers.map(\.tensor.scalars) == before)
    #expect(before.count == 4)
  }

  @Test(arguments: ConvolutionModule.Norm.allCases)
  func recomputedLayersHaveTheSameBits(norm: ConvolutionModule.Norm) throws {
    var model = Self.conformer(norm: norm, dropout: 0.2)
    model.trackGradients()
    let x = Tensor.normal([2, 9, 12], seed: 5)
    let results = [false, true].map { recomputing in
      let y = model(x, in: Self.pass(training: true, recomputing: recomputing))
      let gradients = y.squared().sum().gradients()
      return [y.scalars] + model.parameters.map { gradients[$0.tensor]?.scalars ?? [] }
    }
    #expect(results[0] == results[1])
  }

  /// A later frame changes no earlier one.
  @Test(arguments: ConvolutionModule.Norm.allCases)
  func aCausalOneLooksBackAlone(norm: ConvolutionModule.Norm) {
    let x = Tensor.normal([1, 9, 12], seed: 5)
    let rows = x.reshaped([9, 12]).replacingRows(at: [6], with: .ones([12]))
    let changed = rows.reshaped([1, 9, 12])
    for (context, firstChanged) in [(AttentionContext.causal, 6), (.all, 0)] {
      let model = Self.conformer(norm: norm, context: context)
      let (a, b) = (model(x, in: .evaluating()), model(changed, in: .evaluating()))
      let frames = (0..<9).filter { a[0, $0].scalars != b[0, $0].scalars }
      #expect(frames.first == firstChanged)
    }
  }

  @Test func everyLayerDeclaresItsDepth() {
    Self.conformer().forEachParameter { place, _ in
      let parts = place.path.split(separator: ".")
      let depth: ModuleDepth = parts[0] == "norm" ? .afterLayers : .layer(Int(parts[1])! + 1)
      #expect(place.depth == depth, "\(place.path)")
    }
  }

  @Test func everyTensorIsVisited() {
    for norm in ConvolutionModule.Norm.allCases {
      let model = Self.conformer(norm: norm)
      #expect(model.state.map(\.path).sorted() == storedTensors(in: model).sorted())
    }
  }

  /// The state at a layer is the same whether or not those above it are computed.
  @Test(arguments: [0, 1, 2])
  func endsAtALayer(last: Int) throws {
    let reference = try Reference()
    let x = try reference.tensor("x")
    let states = try reference.tensor("evaluating.states")
    let pass = ForwardPass.evaluating(keeping: .hiddenStates, endingAt: last)
    let y = reference.model(x, in: pass)
    #expect(pass.hiddenStates.count == last + 1)
    expectClose(y, states[last], relative: 1e-5)
  }

  @Test func theReadFramesAreThoseOfAWholePass() throws {
    let reference = try Reference()
    let x = try reference.tensor("x")
    let (whole, part) = (ForwardPass.evaluating(), ForwardPass.evaluating())
    part.outputFrames = [2, 11]
    let rows = [whole, part].map { pass in
      reference.model(x, in: pass).reshaped([18, 12]).gatheringRows([2, 11])
    }
    expectClose(rows[1], rows[0], relative: 1e-6)
  }

  @Test func costCountsItsParameters() {
    let layer = Self.conformer().layers[0]
    let blocks = SiLUFeedForward.cost(width: 12, inner: 20, dropout: 0)
    let cost =
      blocks + SelfAttention.cost(width: 12, frames: 7)
      + ConvolutionModule.cost(width: 12, kernel: 5) + blocks + ConformerLayer.normCost(width: 12)
    #expect(cost.parameters == layer.parameterCount)
    #expect(cost.tensors == layer.parameters.count)
  }
}

@Suite struct RotaryTests {
  /// base^(-i / n) for pair i of n.
  @Test func frequenciesFallInEqualRatios() {
    #expect(Rotary().frequencies(depth: 4) == [1, 0.01])
    var part = Rotary()
    (part.channels, part.base) = (6, 8)
    expectClose(Tensor(part.frequencies(depth: 16)), Tensor([1, 0.5, 0.25]), relative: 1e-6)
  }

  /// Scores of turned frames depend on their distance alone.
  @Test(arguments: RotaryPairs.allCases)
  func scoresDependOnDistances(pairs: RotaryPairs) {
    var rotary = Rotary()
    rotary.pairs = pairs
    let row = Tensor.normal([1, 1, 8], seed: 1).broadcast(to: [1, 20, 8])
    let turned = rotary(row, heads: 1).reshaped([20, 8])
    let scores = turned.matmul(turned, transposingRight: true)
    for distance in [0, 3, 11] {
      let found = (0..<20 - distance).map { scores[$0, $0 + distance].scalar }
      expectClose(Tensor(found), Tensor([Float](repeating: found[0], count: found.count)))
    }
    #expect(abs(scores[0, 3].scalar - scores[0, 11].scalar) > 0.01)
  }

  @Test func settingsAreChecked() {
    var rotary = Rotary()
    rotary.channels = 3
    let error = #expect(throws: (any Error).self) { try rotary.validate() }
    #expect(String(describing: error).contains("channels"))
  }
}

@Suite struct BatchNormTests {
  /// Against the formulas, by hand: mean 3, biased variance 8/3, unbiased 4.
  @Test func normalisesAChannelOverAllFrames() {
    var norm = BatchNorm(channels: 1, epsilon: 0)
    let x = Tensor([1, 3, 5], shape: [3, 1, 1])
    let pass = ForwardPass.training(
      seed: 1, step: 1, samples: [0, 1, 2], keeping: .batchStatistics)
    let y = norm(x, in: pass)
    let deviation = (Float(8) / 3).squareRoot()
    expectClose(y.reshaped([3]), Tensor([-2 / deviation, 0, 2 / deviation]), relative: 1e-6)
    var statistics = pass.batchStatistics[...]
    norm.updateStatistics(from: &statistics)
    expectClose(norm.mean, Tensor([0.3]), relative: 1e-6)
    expectClose(norm.variance, Tensor([0.9 + 0.4]), relative: 1e-6)
  }

  @Test func evaluatesByRunningAverages() {
    var norm = BatchNorm(channels: 2, epsilon: 1)
    (norm.mean, norm.variance) = (Tensor([1, 2]), Tensor([3, 8]))
    (norm.weight, norm.bias) = (Tensor([4, 6]), Tensor([5, -1]))
    let y = norm(Tensor([2, 5, 1, 2], shape: [2, 2]), in: .evaluating())
    expectClose(y, Tensor([7, 5, 5, -1], shape: [2, 2]), relative: 1e-6)
  }

  @Test func statisticsOfAnotherModelTrap() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var norm = BatchNorm(channels: 2)
      var none: ArraySlice<BatchStatistics> = []
      norm.updateStatistics(from: &none)
    }
    expectWords("BatchNorm: no statistics of [2] channels in the pass", in: result)
  }
}
