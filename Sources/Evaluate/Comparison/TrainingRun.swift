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

  /// What it is called: its recipe, or the folder of a run that was trained elsewhere.
  var name: String { isOwn ? recipe.name : folder.lastPathComponent }

  /// Why it was stopped earlier, as it would be again; nil if it was not.
  /// - Parameter scan: What is trained on now; not looked at if nil.
  func knownStop(_ scan: Manifest.Scan?) throws -> RunStop? {
    guard let stop = try RunStop(of: folder) else { return nil }
    let files = try scan.map { try recipe.trainingFiles(of: $0).manifest }
    return try !isOwn || stop.applies(to: recipe, on: files) ? stop : nil
  }

  /// Makes sure that what lies in the comparison's folder began at random, as what is trained here.
  /// - Throws: `ComparisonError.otherStart`.
  func checkStart() throws {
    guard isOwn, let start = try RunInformation.ifBegun(folder)?.start else { return }
    throw ComparisonError.otherStart(folder.path, start.summary)
  }

  /// Makes sure that its log reaches its last checkpoint: what a training took and where its loss went is read from it.
  /// - Throws: `ComparisonError.log`.
  func checkLog() throws {
    let step = try RunFolder.checkpoints(of: folder).keys.max() ?? 0
    let logged = try RunLog.steps(of: folder.logFile).last?.step ?? 0
    guard logged > step - recipe.training.logEvery else {
      throw ComparisonError.log(folder.logFile.relativePath, logged: logged, step: step)
    }
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
