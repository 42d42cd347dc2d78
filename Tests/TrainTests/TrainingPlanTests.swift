import Models
import Pretrain
import Tensor
import Testing
import Train

@Suite struct TrainingPlanTests {
  @Test(arguments: [Recipe.tinyMERT, .tinyHuBERT, .tinyData2Vec])
  func parametersAreThoseOfTheModel(recipe: Recipe) throws {
    let plan = try TrainingPlan(recipe)
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    let encoder = try AudioEncoder(recipe.encoder, using: &generator)
    let model = PretrainingModel(
      encoder: encoder, objective: recipe.objective, codebooks: recipe.teacher.codebooks,
      using: &generator)
    #expect(plan.encoder.total == encoder.parameterCount)
    #expect(plan.encoder.total + plan.headParameters == model.parameterCount)
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
