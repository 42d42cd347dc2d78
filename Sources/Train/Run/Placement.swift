import Cluster
import Foundation
import Optimisation

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

  /// Bytes of the optimiser's moments that a rank has for each parameter, on average.
  var momentBytes: Double { shardsOptimizer ? 8 / Double(ranks.count) : 8 }
}

extension Ranks {
  /// Where decoded audio lies that no cache keeps: beside what is made, and of other ranks than the first on a disk of
  /// their own host.
  package func scratch(beside folder: URL) -> URL {
    isFirst ? folder : FileManager.default.temporaryDirectory
  }
}

extension TrainingRecipe {
  /// Checks that every rank has a batch of each step, also of those of earlier stages, and as many replicas as the others.
  /// - Throws: `RunError.recipe`.
  func check(_ placement: Placement) throws {
    for recipe in stages + [self as any TrainingRecipe] {
      guard let problem = recipe.training.problem(on: placement) else { continue }
      throw RunError.recipe(recipe.name, reason: problem)
    }
  }
}

extension Recipe.Training {
  /// Why these ranks cannot make its steps; nil if they can.
  fileprivate func problem(on placement: Placement) -> String? {
    let count = placement.ranks.count
    if accumulation < count {
      return
        "training.accumulation is \(accumulation), and \(count) ranks share the batches of a step; raise it "
        + "and lower training.batchSize, or use fewer ranks"
    }
    guard let local else { return nil }
    if local.replicas % count != 0 {
      return
        "training.local.replicas is \(local.replicas), which \(count) ranks cannot share equally; start as many "
        + "ranks as divide it"
    }
    guard placement.shardsOptimizer else { return nil }
    return "--shard-optimizer: each replica of training.local has moments of its own; leave it out"
  }
}
