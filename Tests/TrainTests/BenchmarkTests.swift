import Benchmarks
import Foundation
import MelModels
import Models
import Pretrain
import Settings
import Tensor
import Testing
import Train
import YAML

@Suite struct BenchmarkTests {
  private static func published(_ name: String) throws -> Recipe {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try RecipeFile.load(
      Recipe.self, from: folder.appendingPathComponent("recipes/mert/\(name).yaml").path)
  }

  @Test(arguments: [Recipe.tinyMERT, .tinyHuBERT, .tinyData2Vec])
  func aStepOfEveryKindIsMeasured(recipe: Recipe) throws {
    var benchmark = try StepBenchmark(recipe, scratch: FileManager.default.temporaryDirectory)
    let result = try benchmark.run(warmup: 1, steps: 3)
    #expect(result.stepSeconds.count == 3 && result.stepSeconds.allSatisfy { $0 > 0 })
    #expect(result.stepSecondsMedian == result.stepSeconds.sorted()[1])
    let audio = recipe.data.cropSeconds * Double(recipe.training.batchSize)
    #expect(result.audioSecondsPerSecond == audio / result.stepSecondsMedian)
    let rate = result.flopPerStep / result.stepSecondsMedian
    #expect(abs(result.fractionOfPeak - rate / result.gemmPeakGflops / 1e9) < 1e-12)
    #expect(result.peakRssBytes > 1 << 20)
  }

  /// Nothing is faster than the peak, but for what a busy machine does to either.
  @Test func kernelsAreMeasuredBesideThePeak() {
    let result = KernelBenchmark.run(seconds: 0.002)
    #expect(result.peakGflops > 1 && result.cases.count == 14)
    for c in result.cases {
      #expect(c.gflops > 0 && c.shareOfPeak < 1.5, "\(c.name)")
      #expect(abs(c.shareOfPeak - c.gflops / result.peakGflops) < 1e-12)
    }
  }

  @Test func rotaryPositionsAreMeasuredBesideACopy() {
    let result = RotaryBenchmark.run(seconds: 0.002)
    #expect(result.copyGigabytesPerSecond > 0.1)
    #expect(result.cases.map(\.name) == ["forward", "gradient", "forward", "gradient"])
    #expect(result.cases.map(\.pairs) == [.halves, .halves, .neighbours, .neighbours])
    #expect(result.cases.allSatisfy { $0.gigabytesPerSecond > 0.01 })
  }

  /// The recipes beside which PyTorch is timed (Benchmarks/rq_step.py): its counts of parameters.
  @Test(arguments: [
    ("nano", 1_746_688), ("small-patches", 10_316_032), ("small-residual", 10_859_008),
    ("small-convnext", 11_826_944), ("musicfm", 320_541_696), ("omar-rq", 585_421_824),
    ("mert-v2", 636_494_208),
  ])
  func theRecipesOfTheComparisonHavePyTorchsSizes(name: String, parameters: Int) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let recipe = try RecipeFile.load(
      Recipe.self, from: folder.appendingPathComponent("Benchmarks/rq/\(name).yaml").path)
    try recipe.check()
    let width = recipe.melEncoder!.width
    let head = 4096 * width + 4096
    #expect(recipe.chosenEncoder.parameterCount - width + head == parameters)
  }

  /// By hand, per crop of 5,120 samples: convolutions to 511, 126 and 31 frames of 6, 5 and 4
  /// channels; 12 wide, two layers of 16, positions by 6 taps in 4 groups.
  @Test func productsAreCountedAsByHand() {
    var recipe = Recipe.tinyHuBERT
    recipe.encoder.layerDrop = 0
    recipe.mask.spanFrames = 1
    let front = 2 * 511 * 6 * 20 + 3 * 126 * 5 * (6 * 8) + 3 * 31 * 4 * (5 * 4)
    let layer = 31 * (4 * 12 * 12 + 2 * 12 * 16) + 2 * 31 * 31 * 12
    let encoder = 31 * 4 * 12 + 31 * 12 * 3 * 6 + 2 * layer
    // Half of the frames are masked; the last layer maps no others, and 6 codes are compared in 4 channels.
    let unread = 15.5 * Double(2 * 12 * 16)
    let heads = 15.5 * Double(4 * 12 + 4 * 6)
    let flop = 2 * 2 * (Double(front + 3 * encoder) + 3 * (heads - unread))
    #expect(abs(recipe.productFLOP.total - flop) < 1e-6 * flop)
  }

  /// The published sizes; 2.5 TFLOP is 95M's batch of 8 crops of 5 s.
  @Test(arguments: [
    ("95m-rvq-cqt", 94_371_712, 2.52e12), ("330m-rvq-cqt", 315_428_992, 6.1e12),
    ("95m-kmeans-cqt", 94_371_712, 2.52e12),
  ])
  func publishedRecipesHaveTheirSize(name: String, encoder: Int, flop: Double) throws {
    let recipe = try Self.published(name)
    try recipe.check()
    #expect(recipe.encoder.parameterCount == encoder)
    let batches = Double(recipe.training.accumulation)
    #expect(abs(recipe.productFLOP.total / batches / flop - 1) < 0.03)
  }

  /// Known figures: 95M holds 12 bytes of state for each of 95.5 million numbers, and 12 widths of every
  /// frame in every layer.
  @Test func memoryGrowsAsItsPartsDo() throws {
    var recipe = try Self.published("95m-rvq-cqt")
    (recipe.training.batchSize, recipe.training.accumulation) = (8, 1)
    let whole = recipe.memory
    #expect(abs(whole.state / 1.147e9 - 1) < 0.01 && whole.copies == 0)
    #expect(abs(whole.transformer / (12 * 12 * 768 * 8 * 374 * 4) - 1) < 0.1)

    recipe.training.precision = .bf16
    #expect(recipe.memory.state == whole.state && recipe.memory.frontEnd == whole.frontEnd / 2)
    let kept = recipe.memory.peak
    recipe.training.activationCheckpointing = true
    #expect(recipe.memory.peak < 0.92 * kept)
    recipe.training.batchSize = 4
    #expect(recipe.memory.frontEnd == whole.frontEnd / 4)
    recipe.training.accumulation = 2
    #expect(recipe.memory.gradients == 2 * whole.gradients)
  }

  @Test func aStepThatDoesNotFitIsRefusedBeforeTheRun() throws {
    var recipe = Recipe.tinyMERT
    func machine(_ bytes: Double) -> UsableMemory {
      UsableMemory(machine: .max, controlGroup: UInt64(bytes), addresses: nil)
    }
    try recipe.checkMemory(available: machine(recipe.memory.peak + 1))
    let error = #expect(throws: RunError.self) {
      try recipe.checkMemory(available: machine(recipe.memory.peak - 1))
    }
    let line = "\(try #require(error))"
    #expect(line.contains("batchSize") && line.contains("the limit of the control group"))
    recipe.training.batchSize = 10_000_000
    #expect(throws: RunError.self) {
      try StepBenchmark(recipe, scratch: FileManager.default.temporaryDirectory)
    }
  }

  @Test func codesThatCannotBeMadeAreRefusedBeforeAnyWork() throws {
    var recipe = Recipe.tinyMERT
    recipe.teacher.kmeans = []
    recipe.teacher.rvq = Recipe.QuantizerCodes()
    let studio = try TinyStudio()
    let error = #expect(throws: RunError.self) { try studio.train(recipe, in: "rvq") }
    #expect("\(try #require(error))".contains("teacher.rvq"))
  }
}
