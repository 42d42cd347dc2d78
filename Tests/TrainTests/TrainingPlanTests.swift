import Foundation
import Models
import Pretrain
import Tensor
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
