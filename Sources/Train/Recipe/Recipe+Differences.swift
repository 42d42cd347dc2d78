import Foundation
import Settings
import Tensor
import YAML

extension Recipe {
  /// Settings that change how a run is watched, kept and fed, and nothing that it learns: a run may go on
  /// with others.
  static let operational = [
    "data.decoding", "training.logEvery", "training.tensorBoard", "training.checkpointEvery",
    "training.checkpointMinutes", "training.keepCheckpoints", "training.keepEvery",
    "training.activationCheckpointing", "validation.every", "validation.patience",
  ]

  /// Whether a setting of a recipe, or of a recipe in it, is one of these.
  package static func isOperational(_ path: String) -> Bool {
    operational.contains { path == $0 || path.hasSuffix(".recipe.\($0)") }
  }
}

extension TrainingRecipe {
  /// A recipe that a checkpoint holds, with today's defaults for settings that were not there yet.
  ///
  /// - Parameters:
  ///   - yaml: The stored recipe.
  ///   - checkpoint: Where it is stored.
  ///   - version: The Etude that stored it, if it is known.
  /// - Throws: `RunError.checkpoint` if it has a setting that this Etude does not know.
  func stored(_ yaml: String, in checkpoint: URL, by version: String?) throws -> Self {
    do {
      return try RecipeFile.decode(Self.self, from: yaml)
    } catch let error as RecipeError {
      throw RunError.checkpoint(
        checkpoint.path,
        reason: "its recipe cannot be read by Etude \(etudeVersion) (\(error)); go on with the "
          + (version.map { "Etude \($0)" } ?? "version") + " that wrote it")
    }
  }

  /// Where this recipe differs from another by value; operational settings and the length of the run aside.
  /// - Returns: `schedule.peakRate is 0.02 and was 0.01`, at most three of these; empty if none.
  func differences(from stored: Self) throws -> String {
    let all = try RecipeFile.differences(self, stored).filter {
      !Recipe.isOperational($0.path) && $0.path != "training.steps"
    }
    let named = all.prefix(3).map { path, mine, former in
      "\(path) is \(mine ?? "absent") and was \(former ?? "absent")"
    }
    let more = all.count > 3 ? ["\(all.count - 3) more"] : []
    return (named + more).joined(separator: ", ")
  }
}
