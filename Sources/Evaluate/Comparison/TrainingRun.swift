import Audio
import Foundation
import MelModels
import Models
import Pretrain
import Train

/// One training that a row of a comparison rests on.
struct TrainingRun {
  let recipe: Recipe
  let folder: URL
  /// Whether the comparison trains it, if it is not trained.
  let isOwn: Bool

  /// Whether the run has made its last step, or has ended early.
  /// - Throws: `RunError.checkpoint` if there is a run of another recipe under this name.
  func isDone() throws -> Bool {
    try RunFolder.isFinished(folder, recipe: recipe)
  }

  /// Makes sure that what the comparison trained earlier was trained on this music.
  /// - Throws: `ComparisonError.otherData`.
  func check(_ scan: Manifest.Scan) throws {
    let files = try recipe.trainingFiles(of: scan)
    guard isOwn, let difference = try RunFolder.dataDifferences(of: folder, from: files) else {
      return
    }
    throw ComparisonError.otherData(folder.path, difference)
  }

  /// Makes sure, before any work, that a training can begin: memory, precision, and the files that
  /// its targets and teachers are made from, also those of the stages before it.
  /// - Parameter ranks: How many ranks train on this machine, each by itself.
  func check(stages: URL, labels: URL, sharedBy ranks: Int) throws {
    for recipe in Stages(of: recipe, in: stages).recipes + [recipe] {
      try recipe.checkMachine(sharedBy: ranks)
      _ = try recipe.sourceIdentity()
    }
    let teaching = Teaching(recipe, folder: labels, stages: stages)
    if try !teaching.isDone { try teaching.checkSources() }
  }

  /// About what it takes; 0 if that is not known.
  var operations: Double {
    let costs = (try? recipe.plan())?.costs
    return Double(recipe.training.steps) * (costs?.operations ?? 0)
  }

  /// The trained model, with averaged weights if the recipe has `training.averaging`.
  /// - Parameter step: That of the checkpoint; the latest if nil.
  func encoder(after step: Int? = nil) throws -> any Encoder {
    let kept = try step.map { try RunFolder.checkpoints(of: folder)[$0] }
    guard let checkpoint = try kept ?? folder.latestCheckpoint else {
      throw RunError.nothingToResume(folder.path)
    }
    return try Encoders.load(
      recipe.training.averaging == nil ? checkpoint : checkpoint.averaged)
  }
}

/// Why a training was stopped that cannot go on.
struct Stop: Codable {
  /// The last step: 0 if the run has not begun, nil if the error does not say.
  let step: Int?
  /// In a word.
  let ending: RunSummary.Ending
  /// One line.
  let reason: String

  /// Nil for an error that would end every other training too, such as a full disk.
  init?(_ error: any Error, of training: TrainingRun) {
    let failed: Int?
    switch error {
    case EMAError.collapsed(_, _, _, let step): (failed, ending) = (step, .collapsed)
    case is TokenError: (failed, ending) = (nil, .collapsed)
    case RunError.diverged(let step, _): (failed, ending) = (step, .diverged)
    default: return nil
    }
    // A stage of it ended, or a fit.
    let hasBegun = (try? RunInformation.ifBegun(training.folder)) != nil
    step = hasBegun ? failed : 0
    reason = hasBegun ? "\(error)" : "before its own first step: \(error)"
  }
}
