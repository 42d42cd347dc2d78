import Audio
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor
import YAML

/// A run in its folder: `recipe.yaml`, `log.jsonl`, `checkpoints/step-N/`, and `samples/step-N/` of learners that write
/// samples.
struct Run<Recipe: TrainingRecipe> {
  /// Where it lives.
  let folder: URL
  private let recipe: Recipe
  private var trainer: Trainer<Recipe.Model>
  private var log: RunLog
  private let labels: String?
  private let sources: String?
  private let data: DataIdentity
  private let order: EpochOrder
  private let audio: any AudioSource
  /// What it began as; nil if that was random.
  let start: ModelIdentity?
  private let remark: (String) -> Void
  /// Updates in a row that had to be left out.
  private var failures = 0
  private static var toleratedFailures: Int { 10 }

  /// Begins a run in its folder, or goes on with one. The folder has to be locked.
  ///
  /// - Parameters:
  ///   - audio: The collection.
  ///   - labels: The teachers' labels of it.
  ///   - data: Its identity.
  ///   - resumption: What to go on from; nil to begin.
  ///   - start: What a new run begins as instead of at random.
  ///   - remark: Called with each line that a user should read.
  /// - Throws: `RunError` if the checkpoint is not one of this run; `FileError`.
  init(
    _ recipe: Recipe, folder: URL, audio: any AudioSource, labels: Teaching.Labels,
    data: DataIdentity, _ resumption: Resumption?, startingAs start: StartingPoint,
    remark: @escaping (String) -> Void
  ) throws {
    (self.folder, self.recipe, self.labels) = (folder, recipe, labels.fingerprint)
    (sources, self.data, self.audio) = (try recipe.sourceIdentity(), data, audio)
    self.remark = remark
    order = resumption?.order ?? .keyed
    let beginning = resumption == nil ? start : StartingPoint()
    trainer = Trainer(
      recipe, model: try recipe.model(codebooks: labels.codebooks, startingAs: beginning),
      batches: try recipe.batches(
        of: TrainingMaterial(audio, labels: labels.crops, order: order, shares: data.shares)))
    self.start = resumption == nil ? start.identity : resumption?.start
    if let resumption {
      try Checkpoint.restore(&trainer, from: resumption.checkpoint)
    } else {
      try Self.keepLog(of: folder, remark)
    }
    try AtomicFile.write(Data(RecipeFile.yaml(of: recipe).utf8), to: folder.recipeFile)
    log = try RunLog(folder.logFile, resumingAt: trainer.step)
    checkLog()
  }

  /// Steps made so far.
  var step: Int { trainer.step }
  /// Numbers that the run learns.
  var parameterCount: Int { trainer.model.parameterCount }

  /// Trains to the recipe's last step, or to `limit` if that comes first, and leaves a checkpoint.
  ///
  /// - Parameter report: Called after every `logEvery` steps.
  /// - Throws: `RunError.diverged` after ten steps in a row in which something is not finite, after a last step
  ///   of that kind, and instead of a checkpoint that would hold NaN; `FileError` if the log or a checkpoint
  ///   cannot be written.
  mutating func train(until limit: Int? = nil, report: (StepRecord) -> Void) throws {
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
        throw try diverged("the last step is not finite (\(bad)\(outcome.crops))")
      }
      isDue = isDue || trainer.step % recipe.training.checkpointEvery == 0 || trainer.step == last
      // What yields NaN now is not kept; the next sound step is.
      if isDue, outcome.nonFinite == nil {
        isDue = false
        try checkWeights()
        try writeCheckpoint()
        try trainer.model.writeSamples(of: audio, to: folder.samples(of: trainer.step))
      }
    }
  }

  /// Leaving out an update keeps the weights sound; a row of them means that training is over.
  private mutating func check(_ outcome: StepOutcome) throws {
    guard let bad = outcome.nonFinite else { return failures = 0 }
    failures += 1
    let isLeftOut = !outcome.gradientNorm.isFinite
    let kind = isLeftOut ? EventRecord.updateLeftOut : "not finite"
    let event = "\(kind): \(bad)\(outcome.crops)"
    try log.write(EventRecord(step: trainer.step, event: event))
    remark("step \(trainer.step): \(event)")
    guard failures < Self.toleratedFailures else {
      throw try diverged(
        "\(failures) steps in a row were not finite, the last in \(bad)\(outcome.crops)")
    }
  }

  /// That no parameter, moment or average is NaN: none that resumes could ever be sound again.
  private func checkWeights() throws {
    for (name, tensor) in trainer.state {
      guard let element = tensor.nonFiniteElement else { continue }
      throw try diverged("'\(name)' holds \(element)")
    }
  }

  private func diverged(_ reason: String) throws -> RunError {
    let sound = try folder.latestCheckpoint?.path
    return .diverged(
      step: trainer.step,
      reason: "\(reason); lower schedule.peakRate or check these files; "
        + (sound.map { "\($0) is the last sound checkpoint" } ?? "there is no sound checkpoint"))
  }

  private func writeCheckpoint() throws {
    let state = try RunState(
      step: trainer.step, recipe: recipe, labels: labels, sources: sources, data: data,
      order: order, start: start)
    try Checkpoint.write(
      trainer, state: state, into: folder.checkpoints, keeping: recipe.training.keepCheckpoints)
  }

  /// A run that ended before its first checkpoint left a log, which is kept.
  private static func keepLog(of folder: URL, _ remark: (String) -> Void) throws {
    guard let last = try RunLog.steps(of: folder.logFile).last else { return }
    let name = try RunLog.setAside(folder.logFile)
    remark(
      "\(folder.path): a run ended here at step \(last.step) without a checkpoint; it begins anew, "
        + "and its log is now \(name)")
  }

  /// Training needs no log, but a report does.
  private func checkLog() {
    let expected = trainer.step / recipe.training.logEvery * recipe.training.logEvery
    let last = log.lastStep ?? 0
    guard last < expected, expected > 0 else { return }
    remark(
      "\(folder.logFile.path): ends at step \(last) and the checkpoint is of step \(trainer.step); "
        + "the lines between are lost")
  }
}

extension StepOutcome {
  /// Where the crops of a step that went wrong come from, to follow a reason.
  fileprivate var crops: String {
    guard !files.isEmpty else { return "" }
    let more = files.count > 3 ? " and \(files.count - 3) more" : ""
    return "; crops of \(files.prefix(3).joined(separator: ", "))\(more)"
  }
}
