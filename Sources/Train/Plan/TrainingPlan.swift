import Tensor

/// What a run is going to take, before anything is built.
///
/// ```swift
/// let plan = try recipe.plan()
/// print(plan.costs.peakBytes, plan.costs.operations)
/// ```
public struct TrainingPlan: Sendable {
  /// The recipe's name.
  public var recipe: String
  /// Optimiser steps.
  public var steps: Int
  /// Crops that go through the model at once.
  public var batchSize: Int
  /// Batches in a step.
  public var accumulation: Int
  /// Seconds of a crop.
  public var cropSeconds: Double
  /// Of the operands of products.
  public var precision: Precision
  /// Parameters, operations and memory of the recipe's kind.
  public var costs: any TrainingCosts
  /// What has to be trained before, as its teacher, in this order.
  public var stages: [TrainingPlan]

  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - costs: What its kind of training costs.
  /// - Throws: If the recipe's parts do not fit together.
  public init<R: TrainingRecipe>(_ recipe: R, costs: (R) -> any TrainingCosts) throws {
    try recipe.check()
    (self.recipe, steps) = (recipe.name, recipe.training.steps)
    (batchSize, cropSeconds) = (recipe.training.batchSize, recipe.data.cropSeconds)
    accumulation = recipe.training.accumulation
    precision = recipe.training.precision
    self.costs = costs(recipe)
    stages = try recipe.stages.map { stage in
      var plan = try stage.plan()
      plan.stages = []
      return plan
    }
  }

  /// Seconds of a step on a machine with such a product peak, 10⁹ operations a second: steps of base
  /// and large models were measured to run at 0.80 to 0.89 of it (Benchmarks/README.md), small ones
  /// and codecs at less.
  public func secondsPerStep(peak: Double) -> Double { costs.operations / (0.8 * peak * 1e9) }

  /// Seconds of all steps, with those of the stages before.
  public func seconds(peak: Double) -> Double {
    ([self] + stages).reduce(0) { $0 + $1.secondsPerStep(peak: peak) * Double($1.steps) }
  }

  /// Seconds of audio in a step.
  public var audioSeconds: Double { cropSeconds * Double(batchSize * accumulation) }
}

extension TrainingPlan: Encodable {
  private enum Key: CodingKey {
    case recipe, steps, batchSize, accumulation, cropSeconds, precision, stages
  }

  /// Writes the costs among its own values.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(recipe, forKey: .recipe)
    try values.encode(steps, forKey: .steps)
    try values.encode(batchSize, forKey: .batchSize)
    try values.encode(accumulation, forKey: .accumulation)
    try values.encode(cropSeconds, forKey: .cropSeconds)
    try values.encode(precision, forKey: .precision)
    try values.encode(stages, forKey: .stages)
    try costs.encode(to: encoder)
  }
}
