import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct TokenPredictionTests {
  private func config(_ edit: (inout TokenPrediction.Config) -> Void = { _ in })
    -> TokenPrediction.Config
  {
    var stream = TokenStream()
    stream.name = "mel"
    stream.features.mel = MelFrames()
    stream.features.mel!.bands = 3
    stream.tokens.randomProjection = RandomProjectionTokens()
    (stream.tokens.randomProjection!.codes, stream.tokens.randomProjection!.codebooks) = (8, 2)
    var config = TokenPrediction.Config()
    config.streams = [stream]
    edit(&config)
    return config
  }

  private func head(_ config: TokenPrediction.Config, width: Int = 4) -> TokenPrediction {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    return TokenPrediction(config, hidden: width, using: &generator)
  }

  private func targets(_ features: Tensor) -> FrameTargets {
    let frames = features.shape[0]
    let batch = Batch(
      audio: .zeros([1, 1]), samples: [0],
      targets: ["tokens": features.reshaped([1, frames, features.shape[1]])])
    return FrameTargets(batch, at: Array(0..<frames), of: frames)
  }

  /// Logits that are all 0: `ln 8` for each codebook, whatever the codes.
  @Test(arguments: [(TokenPrediction.Reduction.mean, Float(1)), (.sum, 2)])
  func codebooksAreAveragedOrAdded(reduction: TokenPrediction.Reduction, times: Float) throws {
    var head = head(config { $0.reduction = reduction })
    for place in head.parameters.map(\.path) {
      head.update { found, tensor in if found.path == place { tensor = .zeros(tensor.shape) } }
    }
    let loss = head.loss(at: .normal([30, 4], seed: 2), of: targets(.normal([30, 3], seed: 3)))
    #expect(abs(loss.total.scalar - times * Float(log(8.0))) < 1e-5)
    #expect(abs(loss.terms["tokens.mel.0.loss"]! - Float(log(8.0))) < 1e-5)
    let perplexity = try #require(loss.terms["tokens.mel.1.perplexity"])
    #expect(perplexity > 2 && perplexity <= 8)
    let codes = try #require(loss.observations["tokens.mel.1.codes"]).integers
    #expect(codes.count == 30)
    #expect(Float(CodeStatistics(codes: codes, clusters: 8).perplexity) == perplexity)
    #expect(loss.terms["tokens.mel.1.usage"]! > 0.25)
  }

  /// A stream of weight 3 counts three times as much as one of weight 1.
  @Test func streamsAreWeighted() {
    let two = config {
      $0.streams.append($0.streams[0])
      ($0.streams[1].name, $0.streams[1].weight) = ("loud", 3)
      $0.streams[1].tokens.randomProjection!.codebooks = 1
    }
    let loss = head(two).loss(
      at: .normal([30, 4], seed: 2), of: targets(.normal([30, 3], seed: 3)))
    let terms = loss.terms
    let sum =
      terms["tokens.mel.0.loss"]! + terms["tokens.mel.1.loss"]! + 3 * terms["tokens.loud.0.loss"]!
    #expect(abs(loss.total.scalar - sum / 5) < 1e-5)
  }

  @Test func fittingMeasuresTheSample() throws {
    var head = head(config())
    let sample = Tensor.normal([500, 3], seed: 3) * 7 + 40
    try head.fit(to: sample, seed: 1)
    let mean = try #require(head.state.first { $0.path == "mel.tokens.whitening.mean" }).tensor
    #expect(mean.scalars.allSatisfy { abs($0 - 40) < 2 })
    let loss = head.loss(at: .normal([500, 4], seed: 2), of: targets(sample))
    #expect(loss.terms["tokens.mel.0.usage"]! > 0.8)
  }

  @Test func aCollapsedTokeniserIsRefusedBeforeTheFirstStep() throws {
    var head = head(config { $0.streams[0].whitening = .none })
    let sample = Tensor.normal([500, 3], seed: 3) * 0.01 + 40
    let error = #expect(throws: TokenError.self) { try head.fit(to: sample, seed: 1) }
    let words = error.map { "\($0)" } ?? ""
    #expect(
      words.hasPrefix("objective.tokens.mel.0: the codes have collapsed")
        && words.contains("whitening"))
    #expect(!words.contains("\n"))
  }

  @Test func frozenFeaturesAreRefused() {
    var head = head(config())
    #expect(throws: TokenError.unfit(stream: "tokens.mel", reason: .constant)) {
      try head.fit(to: .ones([500, 3]), seed: 1)
    }
  }

  @Test func validatesStreams() throws {
    try config().validate()
    let twice = config { $0.streams.append($0.streams[0]) }
    #expect(throws: (any Error).self) { try twice.validate() }
    #expect(throws: (any Error).self) { try config { $0.streams = [] }.validate() }
    var stream = TokenStream()
    #expect(throws: (any Error).self) { try stream.validate() }
    stream.name = "slow.chroma"
    #expect(throws: (any Error).self) { try stream.validate() }
    stream.name = "slow-chroma"
    try stream.validate()
  }

  /// All tokens are one for as many steps as the patience: the next step throws. A varied batch begins anew, and a kept
  /// state goes on.
  @Test func collapsedTokensStopTheRun() throws {
    var (learner, batch) = try watched()
    func step(_ number: Int, _ features: Tensor) throws {
      batch.targets["tokens"] = features
      let pass = ForwardPass.training(seed: 1, step: number, samples: [0, 1])
      let loss = try learner.loss(of: batch, in: pass)
      learner.follow(step: number + 1, observing: [loss.observations])
    }
    let (varied, frozen) = (Tensor.normal([2, 19, 3], seed: 1), Tensor.ones([2, 19, 3]))
    for (number, features) in [varied, frozen, frozen, varied, frozen, frozen, frozen].enumerated()
    {
      try step(number, features)
    }
    let kept = learner.companions
    #expect(throws: TokenError.self) { try step(7, varied) }
    learner.follow(step: 8, observing: [Self.observed([0, 1, 2, 3])])
    try step(8, varied)
    try learner.restore(companions: kept)
    #expect(throws: TokenError.self) { try step(7, varied) }
  }

  /// Features that change slowly leave a batch with one code, and the steps with several.
  @Test func slowTokensAreNoCollapse() throws {
    var (learner, batch) = try watched()
    batch.targets["tokens"] = .normal([2, 19, 3], seed: 1)
    let pass = ForwardPass.evaluating()
    for number in 0..<10 {
      let codes = [[0, 0], [Int32(number % 2), Int32(number % 2)]]
      learner.follow(step: number + 1, observing: codes.map(Self.observed))
      _ = try learner.loss(of: batch, in: pass)
    }
    for number in 10..<13 { learner.follow(step: number + 1, observing: [Self.observed([5])]) }
    expectError("their perplexity is 1.0 over all codes of the last 3 steps") {
      _ = try learner.loss(of: batch, in: pass)
    }
  }

  /// Two steps of one code, kept, and one of another, after which three steps have two codes.
  @Test func theCodesOfEarlierStepsAreKept() throws {
    var (learner, batch) = try watched()
    batch.targets["tokens"] = .normal([2, 19, 3], seed: 1)
    let (one, other) = (Self.observed([3, 3]), Self.observed([4, 4]))
    for number in 0..<2 { learner.follow(step: number + 1, observing: [one]) }
    let kept = learner.companions
    for (next, isCollapse) in [(one, true), (other, false)] {
      try learner.restore(companions: kept)
      learner.follow(step: 3, observing: [next])
      let words = complaint { _ = try learner.loss(of: batch, in: .evaluating()) }
      #expect(words.contains("collapsed") == isCollapse, "\(words)")
    }
    // What versions before kept: steps and the last perplexity.
    let former = ["tokens.mel.0": Tensor([2, 1]), "tokens.mel.1": Tensor([2, 1])]
    try learner.restore(companions: ["tokens": former])
    learner.follow(step: 3, observing: [one])
    _ = try learner.loss(of: batch, in: .evaluating())
    #expect(throws: ModelError.self) { try learner.restore(companions: ["tokens": [:]]) }
  }

  /// What a loss observes if both codebooks have these codes.
  private static func observed(_ codes: [Int32]) -> [String: Tensor] {
    ["tokens.mel.0.codes": Tensor(codes), "tokens.mel.1.codes": Tensor(codes)]
  }

  /// A learner that is stopped by three steps below a perplexity of 1.5.
  private func watched() throws -> (MaskedPretraining, Batch) {
    var objective = Objective()
    objective.tokens = config { ($0.patience, $0.leastPerplexity) = (3, 1.5) }
    let tiny = TinyPretraining { $0.objective = objective }
    return (try tiny.learner(), tiny.batch)
  }
}

@Suite struct FeatureRegressionTests {
  /// Predictions of 0: the mean square, or the mean absolute value, of the whitened features, weighted by streams.
  @Test(arguments: [FeatureRegression.Distance.squared, .absolute])
  func distancesAreMeans(distance: FeatureRegression.Distance) throws {
    var (loud, quiet) = (FeatureRegression.FeatureStream(), FeatureRegression.FeatureStream())
    (loud.name, loud.features.mel) = ("loud", MelFrames())
    loud.features.mel!.bands = 2
    (quiet.name, quiet.weight, quiet.features.mel) = ("quiet", 3, MelFrames())
    quiet.features.mel!.bands = 1
    var config = FeatureRegression.Config()
    (config.streams, config.distance) = ([loud, quiet], distance)
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var head = FeatureRegression(config, hidden: 4, using: &generator)
    let sample = Tensor([1, 10, 0, 3, 30, 8], shape: [2, 3])
    try head.fit(to: sample, seed: 1)
    head.update { _, tensor in tensor = .zeros(tensor.shape) }

    let batch = Batch(
      audio: .zeros([1, 1]), samples: [0],
      targets: ["features": Tensor([2, 20, 12], shape: [1, 1, 3])])
    let loss = head.loss(at: .ones([1, 4]), of: FrameTargets(batch, at: [0], of: 1))
    // Whitened: 0, 0 and (12 - 4) / 4.
    #expect(abs(loss.terms["features.loud"]!) < 1e-6)
    let expected: Float = distance == .squared ? 4 : 2
    #expect(abs(loss.terms["features.quiet"]! - expected) < 1e-5)
    #expect(abs(loss.total.scalar - 3 * expected / 4) < 1e-5)
  }
}
