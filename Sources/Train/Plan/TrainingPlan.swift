import Models
import Tensor

/// What a run is going to take, before anything is built.
///
/// ```swift
/// let plan = try TrainingPlan(recipe)
/// print(plan.memory.peak, plan.products.total)
/// ```
public struct TrainingPlan: Codable, Sendable {
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
  /// What the encoder learns.
  public var encoder: AudioEncoder.Config.ParameterCounts
  /// What the heads learn, which are not part of the model that is kept.
  public var headParameters: Int
  /// Operations of a step.
  public var products: ProductFLOP
  /// Bytes that a step holds at its most, part by part.
  public var memory: MemoryEstimate
  /// What has to be trained before, as its teacher, in this order.
  public var stages: [TrainingPlan]

  /// - Throws: If the recipe's parts do not fit together.
  public init(_ recipe: Recipe) throws {
    try recipe.check()
    (self.recipe, steps) = (recipe.name, recipe.training.steps)
    (batchSize, cropSeconds) = (recipe.training.batchSize, recipe.data.cropSeconds)
    accumulation = recipe.training.accumulation
    precision = recipe.training.precision
    (encoder, headParameters) = (recipe.encoder.parameterCounts, recipe.headParameterCount)
    (products, memory) = (recipe.productFLOP, recipe.memory)
    stages = try recipe.stages.map { stage in
      var plan = try stage.plan()
      plan.stages = []
      return plan
    }
  }

  /// Seconds of a step on a machine with such a product peak, 10⁹ operations a second: steps of base
  /// and large models were measured to run at 0.80 to 0.89 of it (Benchmarks/README.md), small ones
  /// at less.
  public func secondsPerStep(peak: Double) -> Double { products.total / (0.8 * peak * 1e9) }

  /// Seconds of all steps, with those of the stages before.
  public func seconds(peak: Double) -> Double {
    ([self] + stages).reduce(0) { $0 + $1.secondsPerStep(peak: peak) * Double($1.steps) }
  }

  /// Seconds of audio in a step.
  public var audioSeconds: Double { cropSeconds * Double(batchSize * accumulation) }
}
