import Foundation
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train

@Suite struct TrainingPlanTests {
  @Test(arguments: [
    Recipe.tinyMERT, .tinyHuBERT, .tinyData2Vec, .tinyConformer, .tinyKeys, .tinyBatchNorms,
    .tinyMel2Vec,
    .tinyMultiMask,
  ])
  func parametersAreThoseOfTheModel(recipe: Recipe) throws {
    try expectPlanCountsParameters(of: recipe)
    let counts = MaskedCosts(recipe).encoder
    #expect(counts.layer * recipe.chosenEncoder.layers < counts.transformer)
  }

  @Test func timeFollowsFromProducts() throws {
    let plan = try Recipe.tinyData2Vec.plan()
    let parts = MaskedCosts(.tinyData2Vec).products
    #expect(parts.teacher > 0 && parts.total > parts.frontEnd + parts.transformer)
    #expect(plan.secondsPerStep(peak: 100) == parts.total / 80e9)
  }

  /// A further mask costs its positions, its share of the layers and its decoder; front end and teacher are shared.
  @Test func everyMaskOfACropCostsTheSame() {
    let costs = (1...3).map { masks in
      var recipe = Recipe.tinyMultiMask
      recipe.mask.multi!.masks = masks
      return MaskedCosts(recipe)
    }
    let (layers, heads) = (costs.map(\.products.transformer), costs.map(\.products.heads))
    #expect(abs(layers[2] - 2 * layers[1] + layers[0]) < 1e-9 * layers[2])
    #expect(layers[1] < 2 * layers[0], "the projection is shared")
    #expect(heads[2] == 3 * heads[0])
    #expect(Set(costs.map(\.products.frontEnd)).count == 1)
    #expect(Set(costs.map(\.products.teacher)).count == 1)
    let plain = MaskedCosts(.tinyData2Vec)
    #expect(costs[0].products.transformer < 0.7 * plain.products.transformer)
    #expect(costs[2].memory.transformer > 2 * costs[0].memory.transformer)
  }

  /// A model that features of a stream come from runs up to its layer for every crop, and all of it is held, for the
  /// crops of validation once more. It is counted as soon as its files are there; streams that share it count it once.
  @Test func modelsOfFeaturesAreCounted() throws {
    let folder = try TestFolder()
    var layer = LayerFrames.Layer()
    (layer.model, layer.layer, layer.width) = (RecipePath(folder.path("model")), 1, 12)
    var recipe = Recipe.tinyTokens
    for stream in 0..<2 {
      recipe.objective.tokens!.streams[stream].features = StreamFeatures()
      recipe.objective.tokens!.streams[stream].features.layers = LayerFrames()
      recipe.objective.tokens!.streams[stream].features.layers!.models = [layer]
    }
    let before = MaskedCosts(recipe)
    #expect(before.products.teacher == 0)

    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let encoder = try AudioEncoder(recipe.encoder, using: &generator)
    try encoder.save(to: folder.url.appendingPathComponent("model"))
    let costs = MaskedCosts(recipe)
    let products =
      encoder.config.frontEnd.products(samples: recipe.cropSamples).reduce(0, +)
      + encoder.config.transformerProducts(frames: recipe.cropFrames, keepingLayers: 0.5)
    #expect(costs.products.teacher == 2 * Double(recipe.cropsPerStep) * products)
    #expect(costs.memory.state == before.memory.state + Double(4 * encoder.parameterCount))
    recipe.validation = Recipe.Validation()
    #expect(
      MaskedCosts(recipe).memory.state == before.memory.state + Double(8 * encoder.parameterCount))
  }

  /// Of a codec the encoder runs.
  @Test func codecsOfFeaturesAreCounted() throws {
    let folder = try TestFolder()
    var recipe = Recipe.tinyTokens
    var features = StreamFeatures()
    features.latents = LatentFrames()
    features.latents!.model = RecipePath(folder.path("codec"))
    recipe.objective.features!.streams[0].features = features
    let before = MaskedCosts(recipe)
    let codec = Codec.tiny()
    try codec.save(to: folder.url.appendingPathComponent("codec"))
    let costs = MaskedCosts(recipe)
    let products = recipe.cropSamples / 160 * codec.config.encoderCost.products
    #expect(before.products.teacher == 0)
    #expect(costs.products.teacher == Double(2 * recipe.cropsPerStep * products))
    #expect(
      costs.memory.state == before.memory.state + Double(4 * codec.config.parameterCount))
  }

  /// Programs read the plan by these names.
  @Test func aPlanIsWrittenWithItsCosts() throws {
    let json = try JSONSerialization.jsonObject(
      with: JSONEncoder().encode(Recipe.tinyData2Vec.plan()))
    let fields = try #require(json as? [String: Any])
    #expect(
      Set(fields.keys) == [
        "recipe", "steps", "batchSize", "accumulation", "cropSeconds", "precision", "stages",
        "encoder", "headParameters", "frozenParameters", "products", "memory",
      ])
    #expect(Set(try #require(fields["encoder"] as? [String: Any]).keys).contains("transformer"))
  }

  @Test func aRecipeThatDoesNotFitTogetherHasNoPlan() {
    var recipe = Recipe.tinyHuBERT
    recipe.encoder.heads = 5
    #expect(throws: (any Error).self) { try recipe.plan() }
  }
}

/// Fails unless a plan counts as many parameters as the model has.
func expectPlanCountsParameters(
  of recipe: Recipe, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let costs = MaskedCosts(recipe)
  let model = try recipe.model(codebooks: recipe.teacher.codebooks)
  #expect(
    costs.encoder.total == model.encoder.parameterCount, sourceLocation: sourceLocation)
  #expect(
    costs.encoder.total + costs.headParameters == model.parameterCount,
    sourceLocation: sourceLocation)
}
