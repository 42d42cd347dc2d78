import Cluster

/// The ranks that train together, and how gradients travel between them.
public struct Placement: Sendable {
  /// The ranks.
  public var ranks: Ranks
  /// How gradients travel.
  public var wire: GradientExchange.Wire
  /// Whether each rank keeps the optimiser's moments of a share of the parameters alone, which it updates for all: the
  /// same bits in less memory. The first has all of them while it writes a checkpoint.
  public var shardsOptimizer: Bool

  /// This process by itself.
  public static let alone = Placement(.alone)

  /// Ranks that exchange gradients in this way.
  public init(
    _ ranks: Ranks, wire: GradientExchange.Wire = .fp32, shardsOptimizer: Bool = false
  ) {
    (self.ranks, self.wire, self.shardsOptimizer) = (ranks, wire, shardsOptimizer)
  }
}

extension TrainingRecipe {
  /// Checks that every rank has a batch of each step, also of those of earlier stages.
  /// - Throws: `RunError.recipe`.
  func check(_ ranks: Ranks) throws {
    for recipe in stages + [self as any TrainingRecipe]
    where recipe.training.accumulation < ranks.count {
      throw RunError.recipe(
        recipe.name,
        reason:
          "training.accumulation is \(recipe.training.accumulation), and \(ranks.count) ranks "
          + "share the batches of a step; raise it and lower training.batchSize, or use fewer ranks"
      )
    }
  }
}
