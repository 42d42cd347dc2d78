import Models
import Pretrain
import Tensor
import Testing
import Train

@Suite struct TrainingPlanTests {
  @Test(arguments: [Recipe.tinyMERT, .tinyHuBERT, .tinyData2Vec])
  func parametersAreThoseOfTheModel(recipe: Recipe) throws {
    try expectPlanCountsParameters(of: recipe)
    let plan = try TrainingPlan(recipe)
    #expect(plan.encoder.layer * recipe.encoder.layers < plan.encoder.transformer)
  }

  @Test func timeFollowsFromProducts() throws {
    let plan = try TrainingPlan(.tinyData2Vec)
    let parts = plan.products
    #expect(parts.teacher > 0 && parts.total > parts.frontEnd + parts.transformer)
    #expect(plan.secondsPerStep(peak: 100) == parts.total / 80e9)
  }

  @Test func aRecipeThatDoesNotFitTogetherHasNoPlan() {
    var recipe = Recipe.tinyHuBERT
    recipe.encoder.heads = 5
    #expect(throws: (any Error).self) { try TrainingPlan(recipe) }
  }
}

/// Fails unless a plan counts as many parameters as the model has.
func expectPlanCountsParameters(
  of recipe: Recipe, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let plan = try TrainingPlan(recipe)
  let model = try recipe.model(codebooks: recipe.teacher.codebooks)
  #expect(
    plan.encoder.total == model.encoder.parameterCount, sourceLocation: sourceLocation)
  #expect(
    plan.encoder.total + plan.headParameters == model.parameterCount,
    sourceLocation: sourceLocation)
}
