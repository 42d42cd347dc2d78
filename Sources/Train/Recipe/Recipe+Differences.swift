import Foundation
import Settings
import Tensor
import YAML

extension Recipe {
  /// Settings that change how a run is watched, kept and fed, and nothing that it learns: a run may go on
  /// with others.
  static let operational = [
    "data.decoding", "training.logEvery", "training.tensorBoard", "training.checkpointEvery",
    "training.keepCheckpoints",
    "training.activationCheckpointing",
  ]

  /// Whether a setting of a recipe, or of a recipe in it, is one of these.
  static func isOperational(_ path: String) -> Bool {
    operational.contains { path == $0 || path.hasSuffix(".recipe.\($0)") }
  }
}

extension TrainingRecipe {
  /// Where this recipe differs from one that a checkpoint holds, by value and with today's defaults for
  /// settings that were not there yet; operational settings aside.
  ///
  /// - Parameters:
  ///   - yaml: The stored recipe.
  ///   - checkpoint: Where it is stored.
  ///   - version: The Etude that stored it, if it is known.
  /// - Returns: `schedule.peakRate is 0.02 and was 0.01`, at most three of these; empty if none.
  /// - Throws: `RunError.checkpoint` if the stored recipe has a setting that this Etude does not know.
  func differences(
    fromStored yaml: String, of checkpoint: URL, by version: String?
  ) throws -> String {
    let stored: Self
    do {
      stored = try RecipeFile.decode(Self.self, from: yaml)
    } catch let error as RecipeError {
      throw RunError.checkpoint(
        checkpoint.path,
        reason: "its recipe cannot be read by Etude \(etudeVersion) (\(error)); go on with the "
          + (version.map { "Etude \($0)" } ?? "version") + " that wrote it")
    }
    let all = try RecipeFile.differences(self, stored).filter { !Recipe.isOperational($0.path) }
    let named = all.prefix(3).map { path, mine, former in
      "\(path) is \(mine ?? "absent") and was \(former ?? "absent")"
    }
    let more = all.count > 3 ? ["\(all.count - 3) more"] : []
    return (named + more).joined(separator: ", ")
  }
}
