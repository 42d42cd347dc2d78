import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct PretrainingModelTests {
  private let mert = TinyPretraining {
    $0.objective.codes = CodePrediction.Config()
    $0.objective.codes!.width = 4
    $0.objective.cqt = SpectrumPrediction.Config()
    ($0.objective.cqt!.bins, $0.objective.cqt!.weight) = (7, 0.5)
    $0.objective.featurePenalty = 10
    $0.codebooks = [5, 6]
  }
  private let data2vec = TinyPretraining {
    $0.objective.regression = TeacherRegression.Config()
    $0.encoder.inputDropout = 0.5
  }

  private func teacher(of model: PretrainingModel) throws -> EMATeacher {
    var config = EMATeacher.Config()
    config.targets.topLayers = 2
    return try EMATeacher(config, student: model.encoder)
  }

  @Test func theLossIsTheWeightedSumOfItsTerms() throws {
    let loss = try mert.loss(mert.model())
    let terms = loss.terms
    let expected =
      10 * terms["penalty"]! + terms["codes.0"]! + terms["codes.1"]!
      + 0.5 * terms["cqt"]!
    #expect(abs(loss.total.scalar - expected) < 1e-5 * expected)
    #expect(abs(terms["codes"]! - terms["codes.0"]! - terms["codes.1"]!) < 1e-5)
    #expect(
      Set(terms.keys) == [
        "penalty", "codes", "codes.0", "codes.1", "accuracy.0", "accuracy.1", "perplexity.0",
        "perplexity.1", "cqt",
      ]
    )
  }

  @Test func onlyMaskedFramesCount() throws {
    let model = try mert.model()
    let masked = Set(mert.masked.flat)
    var batch = mert.batch
    for frame in 0..<38 where !masked.contains(frame) {
      batch.codes[0][frame] = (batch.codes[0][frame] + 1) % 5
      batch.targets["cqt"]!.update { x in for bin in 0..<7 { x[frame * 7 + bin] += 3 } }
    }
    let (plain, changed) = (try mert.loss(model), try mert.loss(model, batch))
    #expect(plain.total.scalar == changed.total.scalar)

    batch.codes[0][9] = (batch.codes[0][9] + 1) % 5
    #expect(try mert.loss(model, batch).terms["codes.0"] != plain.terms["codes.0"])
    #expect(try mert.loss(model, batch).terms["cqt"] == plain.terms["cqt"])
  }

  /// The clean crops of the batch are for the teachers.
  @Test func theModelHearsTheMixture() throws {
    let model = try mert.model()
    var other = mert.batch
    other.audio = .normal([2, 205], seed: 9)
    let heard = Tensor.normal([2, 205], seed: 10)
    let (a, b) = (
      try mert.loss(model, hearing: heard), try mert.loss(model, other, hearing: heard)
    )
    #expect(a.total.scalar == b.total.scalar)
    #expect(a.total.scalar != (try mert.loss(model)).total.scalar)
  }

  /// data2vec's targets are those of the clean crops, whatever the student hears.
  @Test func theTeacherHearsTheCleanCrops() throws {
    let model = try data2vec.model()
    let teacher = try teacher(of: model)
    let other = Tensor.normal([2, 205], seed: 10)
    func spread(_ heard: Tensor?) throws -> (targets: Float, predictions: Float) {
      let terms = try data2vec.loss(model, hearing: heard, teacher: teacher).terms
      return (terms["targetSpread"]!, terms["predictionSpread"]!)
    }
    let (plain, mixed, same) = (
      try spread(nil), try spread(other), try spread(data2vec.batch.audio)
    )
    // Without a mixture one pass of the front end serves both; its gradients are tracked, so its bits may differ.
    #expect(abs(mixed.targets / plain.targets - 1) < 1e-5)
    #expect(abs(mixed.predictions / plain.predictions - 1) > 1e-3)
    #expect(abs(same.targets / plain.targets - 1) < 1e-5)
    #expect(abs(same.predictions / plain.predictions - 1) < 1e-5)
  }

  @Test func aMaskedFrameIsNotHeard() throws {
    // All frames but one are masked: the rest of the crop reaches the loss by that one alone.
    var lonely = mert
    lonely.objective.featurePenalty = 0
    lonely.encoder.frontEnd.norm = .layer
    let model = try lonely.model()
    let masked = MaskedFrames(frames: 19, indices: [Array(1..<19), Array(1..<19)])
    func loss(_ audio: Tensor) throws -> Float {
      try model.loss(
        lonely.batch, hearing: audio, masked: masked, teacher: nil, in: .evaluating()
      ).total.scalar
    }
    let audio = lonely.batch.audio
    var late = audio
    late.update { x in for i in 100..<205 { x[i] = -x[i] } }
    var early = audio
    early.update { x in x[5] += 1 }
    #expect(try loss(audio) == loss(late))
    #expect(try loss(audio) != loss(early))
  }

  @Test func everyParameterLearns() throws {
    for (tiny, needsTeacher) in [(mert, false), (data2vec, true)] {
      let model = try tiny.model()
      let loss = try tiny.loss(model, teacher: needsTeacher ? teacher(of: model) : nil)
      let gradients = loss.total.gradients()
      for (path, parameter) in model.parameters {
        let gradient = try #require(gradients[parameter], "\(path)")
        if path.hasSuffix("key.bias") { continue }
        #expect(gradient.scalars.contains { $0 != 0 }, "\(path)")
      }
    }
  }

  @Test func withoutAPenaltyTheFeaturesAreFree() throws {
    var free = mert
    free.objective.featurePenalty = 0
    let (plain, loss) = (try mert.loss(mert.model()), try free.loss(free.model()))
    #expect(loss.terms["penalty"] == nil)
    #expect(abs(plain.total.scalar - loss.total.scalar - 10 * plain.terms["penalty"]!) < 1e-3)
  }

  /// The teacher's targets are the same whether or not the student's frames are dropped.
  @Test func theTeacherHearsNoDropout() throws {
    let model = try data2vec.model()
    let teacher = try teacher(of: model)
    let calm = try data2vec.loss(model, teacher: teacher)
    let dropped = try data2vec.loss(
      model, teacher: teacher, in: .training(seed: 1, step: 0, samples: [0, 1]))
    #expect(calm.terms["targetSpread"] == dropped.terms["targetSpread"])
    #expect(calm.terms["regression"] != dropped.terms["regression"])
  }

  @Test func aConstantTeacherEndsTheRun() throws {
    let model = try data2vec.model()
    var config = EMATeacher.Config()
    (config.targets.topLayers, config.collapse.leastTargets) = (2, 1e6)
    let teacher = try EMATeacher(config, student: model.encoder)
    let late = ForwardPass.training(seed: 1, step: 5_001, samples: [0, 1])
    #expect(throws: EMAError.self) { try data2vec.loss(model, teacher: teacher, in: late) }
  }

  @Test func headsAndEncoderComeBack() throws {
    let model = try mert.model()
    #expect(
      Set(model.headState.keys) == [
        "codes.projection.weight", "codes.projection.bias", "codes.embeddings.0",
        "codes.embeddings.1", "spectrum.projection.weight", "spectrum.projection.bias",
      ])
    var other = try mert.model(seed: 2)
    #expect(try mert.loss(other).total.scalar != mert.loss(model).total.scalar)
    try other.restore(encoder: model.encoder, heads: model.headState)
    #expect(try mert.loss(other).total.scalar == mert.loss(model).total.scalar)
    let gradients = try mert.loss(other).total.gradients()
    #expect(other.parameters.allSatisfy { gradients[$0.tensor] != nil }, "it goes on learning")
  }

  @Test func headsOfAnotherModelAreRefused() throws {
    let model = try mert.model()
    var other = mert
    other.codebooks = [5, 8]
    var wrong = try other.model()
    #expect { try wrong.restore(encoder: model.encoder, heads: model.headState) } throws: {
      "\($0)".contains("codes.embeddings.1") && !"\($0)".contains("\n")
    }
  }

  /// Two models that differ in heads alone share the encoder that the seed makes.
  @Test func theSeedMakesTheEncoderWhateverTheHeads() throws {
    let (a, b) = (try mert.model(), try TinyPretraining { $0.codebooks = [] }.model())
    for (mine, theirs) in zip(a.encoder.parameters, b.encoder.parameters) {
      #expect(mine.tensor.scalars == theirs.tensor.scalars, "\(mine.path)")
    }
  }
}
