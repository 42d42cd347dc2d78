import Audio
import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

/// A recipe of another kind: it learns the mean of its crops, and keeps a running mean of its batches beside it.
struct MeanRecipe: TrainingRecipe {
  static let kind: String? = "mean"
  var kind = "mean"
  var name = "mean"
  var seed = 3
  var data = CropSampler.Config()
  var optimizer = AdamW.Config()
  var schedule = Schedule.Config()
  var training = Recipe.Training()

  var sampleRate: Int { 16_000 }
  var audioSecondsPerStep: Double { Double(training.batchSize) * data.cropSeconds }

  func seeded(_ seed: Int) -> MeanRecipe {
    var copy = self
    copy.seed = seed
    return copy
  }
  func plan() throws -> TrainingPlan { throw RunError.untrainable(name) }
  func checkMemory(available: UsableMemory, on placement: Placement) throws {}
  func model(codebooks: [Int], startingAs start: StartingPoint) -> MeanLearner { MeanLearner() }
  func batches(of material: TrainingMaterial) -> any BatchSource<[Float]> {
    FirstSamples(audio: material.audio, size: training.batchSize)
  }
}

struct MeanLearner: Learner {
  var mean = Tensor([0.5]).tracked()
  var slow = Tensor([0.5])

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("mean", &mean)
  }
  func weight(of samples: Range<Int>, step: Int) -> Int { samples.count }
  func loss(of batch: [Float], in pass: ForwardPass) -> Loss {
    let observed = Tensor([batch.reduce(0, +) / Float(batch.count)])
    return Loss(total: (mean - observed).squared().sum(), observations: ["mean": observed])
  }
  mutating func follow(step: Int, observing observations: [[String: Tensor]]) {
    for batch in observations { slow = slow * 0.5 + batch["mean"]! * 0.5 }
  }
  var companions: [String: [String: Tensor]] { ["slow": ["mean": slow]] }
  mutating func restore(companions: [String: [String: Tensor]]) {
    slow = companions["slow"]!["mean"]!
  }
  func publish(to folder: URL) throws {
    try Data("\(mean.scalars[0].bitPattern)".utf8)
      .write(to: folder.appendingPathComponent("mean.txt"))
  }
  func writeSamples(of audio: any AudioSource, to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("\(audio.count) files, mean \(mean.scalars[0].bitPattern)".utf8)
      .write(to: folder.appendingPathComponent("samples.txt"))
  }
  mutating func restore(from folder: URL) throws {
    let text = try String(
      contentsOf: folder.appendingPathComponent("mean.txt"), encoding: .utf8)
    mean = Tensor([Float(bitPattern: UInt32(text)!)]).tracked()
  }
}

/// Batches of one number each, in order.
struct Numbers: BatchSource {
  let numbers: [Float]

  func samples(ofBatch number: Int) -> Range<Int> { number..<number + 1 }
  func batch(_ number: Int) -> [Float] { [numbers[number]] }
  func files(ofBatches batches: Range<Int>) -> [String] { [] }
}

/// The first sample of a file, whose number is that of the crop.
struct FirstSamples: BatchSource {
  let audio: any AudioSource
  let size: Int

  func samples(ofBatch number: Int) -> Range<Int> { number * size..<(number + 1) * size }
  func batch(_ number: Int) throws -> [Float] {
    try samples(ofBatch: number).map {
      try audio.crop(file: $0 % audio.count, start: 100 + $0, length: 1)[0]
    }
  }
  func files(ofBatches batches: Range<Int>) -> [String] { [] }
}

/// Trainer, run, checkpoint and resumption know a learner by its protocol alone.
@Suite struct OtherKindTests {
  private let yaml = """
    kind: mean
    optimizer: { weightDecay: 0 }
    schedule: { warmupSteps: 2, peakRate: 0.01 }
    training: { steps: 6, batchSize: 2, accumulation: 2, checkpointEvery: 3, logEvery: 1 }
    data: { cropSeconds: 0.1 }
    """

  private func load(_ text: String) throws -> any TrainingRecipe {
    let folder = try TestFolder()
    return try RecipeKind.load(
      from: folder.write(text, to: "x.yaml"), among: [Recipe.self, MeanRecipe.self])
  }

  private func train(
    _ recipe: some TrainingRecipe, on studio: TinyStudio, in folder: URL, until limit: Int? = nil
  ) throws {
    try TrainingJob(
      recipe, data: Manifest.scan(studio.music.path, minimumSeconds: 0.1),
      scratch: studio.folder.url, watch: { _ in }
    ).train(in: folder, labels: folder, .resumingIfThere, until: limit)
  }

  @Test func itIsChosenByItsKind() throws {
    #expect(try load(yaml) is MeanRecipe)
    #expect(
      complaint { _ = try load(yaml.replacing("kind: mean", with: "kind: maen")) }
        .hasSuffix(
          "x.yaml:1: kind: there is no kind 'maen'; there are mean, and masked pre-training without a kind"
        ))
    // A stored recipe names its kind.
    #expect(try load(RecipeFile.yaml(of: MeanRecipe())) is MeanRecipe)
  }

  @Test func followSeesTheObservationsOfAnUpdateInOrder() throws {
    var recipe = MeanRecipe()
    recipe.training.accumulation = 2
    var trainer = Trainer(
      recipe, model: MeanLearner(), batches: Numbers(numbers: [4, 8, .nan, 1]))
    _ = try trainer.advance()
    // (0.5 / 2 + 4 / 2) / 2 + 8 / 2
    #expect(trainer.model.slow.scalars == [5.125])
    // An update that is left out has none, not even of its sound batch.
    #expect(try !trainer.advance().gradientNorm.isFinite)
    #expect(trainer.model.slow.scalars == [5.125])
  }

  @Test func aResumedRunEqualsAnUninterruptedOne() throws {
    let studio = try TinyStudio()
    let (whole, halved) = (studio.run("whole"), studio.run("halved"))
    let recipe = try load(yaml)
    try train(recipe, on: studio, in: whole)
    try train(recipe, on: studio, in: halved, until: 3)
    try train(recipe, on: studio, in: halved)
    for name in ["mean.txt", "slow.safetensors", "optimizer.safetensors"] {
      let files = try [whole, halved].map { folder in
        try Data(contentsOf: folder.appendingPathComponent("checkpoints/step-6/\(name)"))
      }
      #expect(files[0] == files[1], "\(name)")
    }
  }

  @Test func samplesAreWrittenBesideEachCheckpoint() throws {
    let studio = try TinyStudio()
    let folder = studio.run("sampled")
    try train(try load(yaml), on: studio, in: folder)
    for step in [3, 6] {
      let mean = try String(
        contentsOf: folder.appendingPathComponent("checkpoints/step-\(step)/mean.txt"),
        encoding: .utf8)
      let sample = try String(
        contentsOf: folder.samples(of: step).appendingPathComponent("samples.txt"), encoding: .utf8)
      #expect(sample.hasSuffix(" files, mean \(mean)"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.samples(of: 4).path))
  }
}
