import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// A run in its folder: `recipe.yaml`, `log.jsonl`, `checkpoints/step-N/`.
public struct PretrainingRun {
  /// Where it lives.
  public let folder: URL
  private let recipe: Recipe
  private var trainer: Trainer
  private var log: RunLog
  private let labels: String?
  /// Updates in a row that had to be left out.
  private var failures = 0
  private static let toleratedFailures = 10

  /// Starts a run in a new folder, or goes on with one.
  ///
  /// - Parameters:
  ///   - labels: The fingerprint of the teachers' labels.
  ///   - resuming: Goes on from the latest checkpoint.
  ///   - encoder: Where a new run begins instead of at random.
  ///   - heads: Where its heads begin instead of at random.
  /// - Throws: `RunError` if the folder cannot be used, holds another run or nothing to resume.
  public init(
    _ recipe: Recipe, folder: URL, sampler: CropSampler, codebooks: [Int], labels: String?,
    resuming: Bool, startingFrom encoder: AudioEncoder? = nil, heads: PretrainingHeads? = nil
  ) throws {
    (self.folder, self.recipe, self.labels) = (folder, recipe, labels)
    trainer = try Trainer(
      recipe, sampler: sampler, codebooks: codebooks, startingFrom: encoder, heads: heads)
    if resuming {
      try Self.resume(&trainer, recipe, folder: folder, labels: labels)
    } else {
      try Self.begin(recipe, folder: folder)
    }
    log = try RunLog(folder.logFile, resumingAt: trainer.step)
  }

  /// Steps made so far.
  public var step: Int { trainer.step }
  /// Numbers that the run learns.
  public var parameterCount: Int { trainer.model.parameterCount }
  /// The encoder as it is now.
  public var encoder: AudioEncoder { trainer.model.encoder }

  /// Trains to the recipe's last step, or to `limit` if that comes first, and leaves a checkpoint.
  ///
  /// - Parameter report: Told after every `logEvery` steps.
  /// - Throws: `RunError.diverged` after ten steps in a row in which something is not finite, after a last step
  ///   of that kind, and instead of a checkpoint that would hold NaN.
  public mutating func train(until limit: Int? = nil, report: (StepRecord) -> Void) throws {
    let last = min(recipe.training.steps, limit ?? .max)
    var (meter, isDue) = (StepMeter(recipe), false)
    while trainer.step < last {
      let outcome = try trainer.advance()
      try check(outcome)
      meter.count()
      if trainer.step % recipe.training.logEvery == 0 || trainer.step == last {
        let record = meter.record(trainer.step, outcome)
        try log.write(record)
        report(record)
      }
      if trainer.step == last, let bad = outcome.nonFinite {
        throw diverged("the last step is not finite (\(bad)\(outcome.crops))")
      }
      isDue = isDue || trainer.step % recipe.training.checkpointEvery == 0 || trainer.step == last
      // What yields NaN now is not kept; the next sound step is.
      if isDue, outcome.nonFinite == nil {
        isDue = false
        try checkWeights()
        try writeCheckpoint()
      }
    }
  }

  /// Leaving out an update keeps the weights sound; a row of them means that training is over.
  private mutating func check(_ outcome: Trainer.Outcome) throws {
    guard let bad = outcome.nonFinite else { return failures = 0 }
    failures += 1
    let isLeftOut = !outcome.gradientNorm.isFinite
    let event = (isLeftOut ? "left out an update: " : "not finite: ") + bad + outcome.crops
    try log.write(EventRecord(step: trainer.step, event: event))
    guard failures < Self.toleratedFailures else {
      throw diverged(
        "\(failures) steps in a row were not finite, the last in \(bad)\(outcome.crops)")
    }
  }

  /// That no parameter, moment or average is NaN: none that resumes could ever be sound again.
  private func checkWeights() throws {
    for (name, tensor) in trainer.state {
      guard let element = tensor.nonFiniteElement else { continue }
      throw diverged("'\(name)' holds \(element)")
    }
  }

  private func diverged(_ reason: String) -> RunError {
    let sound = folder.latestCheckpoint?.path
    return .diverged(
      step: trainer.step,
      reason: "\(reason); lower schedule.peakRate or check these files; "
        + (sound.map { "\($0) is the last sound checkpoint" } ?? "there is no sound checkpoint"))
  }

  private func writeCheckpoint() throws {
    let state = Checkpoint.State(
      step: trainer.step, recipe: try RecipeFile.yaml(of: recipe), labels: labels)
    try Checkpoint.write(
      trainer, state: state, into: folder.checkpoints, keeping: recipe.training.keepCheckpoints)
  }

  /// Checks, before any work, that a run can begin or go on in a folder. One that was ended before its
  /// first checkpoint left nothing to go on with, so another may begin in its place.
  /// - Throws: `RunError.occupied` or `.nothingToResume`.
  public static func check(_ folder: URL, resuming: Bool) throws {
    let isThere = Checkpoint.latest(in: folder.checkpoints) != nil
    if resuming, !isThere { throw RunError.nothingToResume(folder.path) }
    if !resuming, isThere { throw RunError.occupied(folder.path) }
  }

  private static func begin(_ recipe: Recipe, folder: URL) throws {
    try check(folder, resuming: false)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(RecipeFile.yaml(of: recipe).utf8).write(to: folder.recipeFile)
    } catch let error as CocoaError {
      throw RunError.unwritable(folder.path, reason: error.localizedDescription)
    }
  }

  /// The last step that a run has a checkpoint of; nil if it has none.
  /// - Throws: `RunError.checkpoint` if that is of another recipe.
  public static func latestStep(of folder: URL, recipe: Recipe) throws -> Int? {
    try Checkpoint.latest(in: folder.checkpoints).map {
      try checkedState(of: $0, recipe: recipe, run: folder).step
    }
  }

  private static func checkedState(
    of checkpoint: URL, recipe: Recipe, run: URL
  ) throws -> Checkpoint.State {
    let state = try Checkpoint.state(of: checkpoint)
    guard state.recipe == (try RecipeFile.yaml(of: recipe)) else {
      throw RunError.checkpoint(
        checkpoint.path,
        reason: "its recipe differs; go on with \(run.recipeFile.path) or choose another folder")
    }
    return state
  }

  private static func resume(
    _ trainer: inout Trainer, _ recipe: Recipe, folder: URL, labels: String?
  ) throws {
    guard let checkpoint = Checkpoint.latest(in: folder.checkpoints) else {
      throw RunError.nothingToResume(folder.path)
    }
    let state = try checkedState(of: checkpoint, recipe: recipe, run: folder)
    guard state.labels == labels else {
      throw RunError.checkpoint(
        checkpoint.path, reason: "its labels differ; resume with those it was trained on")
    }
    try Checkpoint.restore(&trainer, from: checkpoint)
  }
}

extension Trainer.Outcome {
  /// Where the crops of a step that went wrong come from, to follow a reason.
  fileprivate var crops: String {
    guard !files.isEmpty else { return "" }
    let more = files.count > 3 ? " and \(files.count - 3) more" : ""
    return "; crops of \(files.prefix(3).joined(separator: ", "))\(more)"
  }
}

extension URL {
  /// The recipe of a run folder.
  public var recipeFile: URL { appendingPathComponent("recipe.yaml") }
  /// What the run was made from.
  var informationFile: URL { appendingPathComponent("run.json") }
  /// The log of a run folder.
  public var logFile: URL { appendingPathComponent("log.jsonl") }
  /// The labels that a run made for itself.
  public var labels: URL { appendingPathComponent("labels") }
  /// The checkpoints of a run folder.
  public var checkpoints: URL { appendingPathComponent("checkpoints") }

  /// The latest checkpoint of a run folder, or nil.
  public var latestCheckpoint: URL? { Checkpoint.latest(in: checkpoints) }
}
