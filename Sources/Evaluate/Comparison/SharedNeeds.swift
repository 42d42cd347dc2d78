import Files
import Foundation
import Train

/// What a training needs that others may need or make, too: its labels, the runs of its stages, its own run.
struct SharedNeeds {
  /// By their folders, whether they are there.
  private var isMade: [String: () throws -> Bool] = [:]

  /// - Parameters:
  ///   - training: The training.
  ///   - labels: Where its labels lie or will lie.
  ///   - stages: Where the runs of its stages lie or will lie.
  init(of training: TrainingRun, labels: URL, stages: URL) throws {
    let teaching = Teaching(training.recipe, folder: labels, stages: stages)
    isMade[labels.path] = { try teaching.isDoneForTraining }
    for recipe in training.recipe.stages + [training.recipe as any TrainingRecipe] {
      let run = stages.appendingPathComponent(recipe.name)
      // Whoever holds its lock may be removing the checkpoint that is looked at.
      isMade[run.path] = {
        try !FolderLock.isHeld(run) && RunFolder.isFinished(run, recipe: recipe)
      }
    }
  }

  /// Whether all that another training needs, too, is there, so that the two cannot get in each other's way.
  func areMade(besides other: SharedNeeds) throws -> Bool {
    try isMade.allSatisfy { folder, isMade in try other.isMade[folder] == nil || isMade() }
  }
}
