import Audio
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// What a plan foresees of a codec's training.
@Suite struct CodecPlanTests {
  /// A small codec on noise, as large as a test may be.
  private static func small(_ change: (inout CodecRecipe) -> Void = { _ in }) -> CodecRecipe {
    var recipe = CodecRecipe()
    (recipe.codec, recipe.codec.quantizer.codes) = (.small24kHz, 256)
    (recipe.data.cropSeconds, recipe.training.batchSize) = (0.5, 8)
    change(&recipe)
    return recipe
  }

  /// The published sizes, and those of the discriminators.
  @Test func parametersAreThoseOfTheModel() throws {
    var recipe = CodecRecipe()
    recipe.losses.adversary = .init()
    let costs = CodecCosts(recipe)
    #expect(costs.codec.encoder == 7_425_792)
    #expect(costs.codec.decoder == 7_426_018)
    #expect(costs.discriminatorParameters == 472_330)
    #expect(costs.entries == 32 * 1024 * 128)
    recipe = Self.small { $0.losses.adversary = .init() }
    let model = try recipe.model()
    let small = CodecCosts(recipe)
    #expect(small.codec.total + small.discriminatorParameters == model.parameterCount)
  }

  /// A second of audio takes the encoder 1.49 thousand million multiplications, the small one 304 million, and the
  /// discriminators 6.4 thousand million.
  @Test func productsAreThoseOfThePublishedModel() {
    var recipe = CodecRecipe()
    (recipe.training.batchSize, recipe.losses.adversary) = (1, .init())
    recipe.losses.adversary!.probability = 0
    let products = CodecCosts(recipe).products
    #expect(abs(products.encoder / (6 * 1.49e9) - 1) < 0.01)
    #expect(abs(products.discriminators / (2 * 5 * 6.4e9) - 1) < 0.02)
    #expect(products.codebooks == 2 * 75 * 32 * 1024 * 128)
    let small = CodecCosts(Self.small { ($0.data.cropSeconds, $0.training.batchSize) = (1, 1) })
    #expect(abs(small.products.encoder / (6 * 304e6) - 1) < 0.01)
  }

  @Test func aPlanIsWrittenWithItsCosts() throws {
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Self.small().plan()))
    let fields = try #require(json as? [String: Any])
    #expect(
      Set(fields.keys).isSuperset(of: [
        "recipe", "codec", "entries", "discriminatorParameters", "products", "memory",
      ]))
  }

  @Test func aStepThatDoesNotFitIsRefused() {
    let recipe = Self.small {
      ($0.training.batchSize, $0.data.cropSeconds) = (65_536, 600)
    }
    let line = complaint { try recipe.checkMachine() }
    #expect(
      line.hasPrefix("recipe unnamed: a step needs about ")
        && line.hasSuffix("; lower training.batchSize or data.cropSeconds"), "\(line)")
  }

  /// The estimate's parts that are tensors, against the most that tensors held.
  @Test(arguments: [false, true])
  func theMemoryIsRightWithinAFifth(hasAdversary: Bool) async {
    await #expect(processExitsWith: .success) { [hasAdversary] in
      Cores.count = 1
      let recipe = Self.small {
        $0.losses.adversary = hasAdversary ? .init() : nil
        if hasAdversary { $0.training.batchSize = 2 }
        if hasAdversary { $0.codec.quantizer.codes = 64 }
      }
      let folder = try TestFolder()
      let noise = Tensor.normal([48_000], seed: 1).scalars.map { $0 * 0.1 }
      try AudioFile.write(
        noise, sampleRate: 24_000, encoding: .float32, to: folder.path("noise.wav"))
      let audio = try DecodedAudio(
        Manifest.scan(folder.url.path, minimumSeconds: 0.5).manifest, sampleRate: 24_000,
        scratchFolder: folder.url.path)
      var trainer = Trainer(
        recipe, model: try recipe.model(), batches: try recipe.batches(of: TrainingMaterial(audio)))
      for _ in 0..<2 { _ = try trainer.advance() }
      let memory = CodecCosts(recipe).memory
      let foreseen = memory.peak - memory.program
      let measured = Double(MemoryStatistics.current.peak)
      #expect(abs(foreseen / measured - 1) < 0.2, "\(foreseen) foreseen, \(measured) measured")
    }
  }
}
