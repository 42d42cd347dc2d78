import Foundation
import Models
import Pretrain
import Tensor
import Testing
import Train

@Suite struct TrainingPlanTests {
  @Test(arguments: [
    Recipe.tinyMERT, .tinyHuBERT, .tinyData2Vec, .tinyConformer, .tinyBatchNorms, .tinyMel2Vec,
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
