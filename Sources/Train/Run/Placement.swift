import Cluster
import Foundation

/// The ranks that train together, and how gradients travel between them.
public struct Placement: Sendable {
  /// The ranks.
  public var ranks: Ranks
  /// How gradients travel.
  public var wire: GradientExchange.Wire

  /// This process by itself.
  public static let alone = Placement(.alone)

  /// Ranks that exchange gradients in this way.
  public init(_ ranks: Ranks, wire: GradientExchange.Wire = .fp32) {
    (self.ranks, self.wire) = (ranks, wire)
  }
}

extension Ranks {
  /// Where decoded audio lies that no cache keeps: beside what is made, and of other ranks than the first on a disk of
  /// their own host.
  package func scratch(beside folder: URL) -> URL {
    isFirst ? folder : FileManager.default.temporaryDirectory
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
