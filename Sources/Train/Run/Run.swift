import Audio
import Cluster
import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import YAML

/// A run in its folder: `recipe.yaml`, `log.jsonl`, `checkpoints/step-N/`, and `samples/step-N/` of learners that write
/// samples.
struct Run<Recipe: TrainingRecipe> {
  /// Where it lives.
  let folder: URL
  let recipe: Recipe
  var trainer: Trainer<Recipe.Model>
  /// The first rank's; the others write nothing.
  let log: RunJournal?
  var meter: StepMeter
  let labels: String?
  let sources: String?
  let data: DataIdentity
  let order: EpochOrder
  let audio: any AudioSource
  var validation: RunValidation<Recipe>?
  /// What it began as; nil if that was random.
  let start: ModelIdentity?
  private let stop: StopRequest
  let ranks: Ranks
  private let remark: (String) -> Void
  /// How long the ranks computed since the last line of the log.
  private var pace = RankPace()
  /// What any of several ranks asked for, as they told each other in the last step.
  private var wishes = ControlExchange.Wishes()
  /// Updates in a row that had to be left out.
  var failures = 0
  /// Whether the validation after the last step failed, so that it is made when the run goes on.
  var awaitsValidation: Bool
  private static var toleratedFailures: Int { 10 }
  let writer = BackgroundWork()
  /// The position of the last checkpoint that was begun, unless it failed.
  var saved: TrainingPosition?

  /// Begins a run in its folder, or goes on with one. The folder has to be locked.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - folder: The run's folder.
  ///   - audio: The collection.
  ///   - labels: The teachers' labels of it.
  ///   - data: Its identity.
  ///   - validation: What validates it; nil if nothing does.
  ///   - resumption: What to go on from; nil to begin.
  ///   - start: What a new run begins as instead of at random.
  ///   - stop: Asked after every batch; of several ranks, after every step.
  ///   - placement: The ranks that train together.
  ///   - remark: Called with each line that a user should read.
  /// - Throws: `RunError` if the checkpoint is not one of this run; `FileError`.
  init(
    _ recipe: Recipe, folder: URL, audio: any AudioSource, labels: Teaching.Labels,
    data: DataIdentity, validation: RunValidation<Recipe>?, _ resumption: Resumption?,
    startingAs start: StartingPoint, stop: StopRequest, _ placement: Placement,
    remark: @escaping (String) -> Void
  ) throws {
    ranks = placement.ranks
    (self.folder, self.recipe, self.labels) = (folder, recipe, labels.fingerprint)
    (sources, self.data, self.audio) = (try recipe.sourceIdentity(), data, audio)
    (self.validation, self.stop, self.remark) = (validation, stop, remark)
    order = resumption?.order ?? .keyed
    let material = TrainingMaterial(
      audio, labels: labels.crops, order: order, shares: data.shares, ranks: placement.ranks)
    let beginning =
      resumption == nil ? try recipe.startingPoint(start, on: material) : StartingPoint()
    let batches = TimedBatches(source: try recipe.batches(of: material))
    var trainer = Trainer(
      recipe, model: try recipe.model(codebooks: labels.codebooks, startingAs: beginning),
      batches: batches, placement: placement)
    meter = StepMeter(
      recipe, cropsPerEpoch: batches.samplesPerEpoch, waiting: batches.waiting,
      sums: resumption?.sums)
    self.start = resumption == nil ? start.identity : resumption?.start
    failures = resumption?.failures ?? 0
    awaitsValidation = resumption?.awaitsValidation ?? false
    let isFirst = placement.ranks.isFirst
    log = try placement.ranks.agree {
      isFirst ? try Self.open(folder, resumption, recipe, &trainer, remark) : nil
    }
    try trainer.takeStateOfFirst()
    self.trainer = trainer
    if resumption != nil { saved = trainer.position }
    checkLog()
  }

  /// Puts the trainer where the run is, and opens its log.
  private static func open(
    _ folder: URL, _ resumption: Resumption?, _ recipe: Recipe,
    _ trainer: inout Trainer<Recipe.Model>, _ remark: (String) -> Void
  ) throws -> RunJournal {
    if let resumption {
      try Checkpoint.restore(&trainer, from: resumption.checkpoint)
      // A process that was killed may have written the checkpoint and not the link.
      try CheckpointFolder(url: folder.checkpoints).markBest(resumption.validation?.bestPosition)
    } else {
      try keepLog(of: folder, remark)
    }
    try AtomicFile.write(Data(RecipeFile.yaml(of: recipe).utf8), to: folder.recipeFile)
    return try RunJournal(
      of: folder, resumingAt: trainer.step,
      awaitingValidation: resumption?.awaitsValidation ?? false,
      forTensorBoard: recipe.training.tensorBoard)
  }

  /// How far it is.
  var position: TrainingPosition { trainer.position }
  /// Numbers that the run learns.
  var parameterCount: Int { trainer.model.parameterCount }

  /// Trains to the recipe's last step, or to `limit` if that comes first, and leaves a checkpoint.
  ///
  /// Checkpoints are written beside the training, by a thread of their own. One that finds no room is named and tried
  /// again when the next is due.
  ///
  /// - Parameters:
  ///   - limit: A step to stop after before the recipe's last.
  ///   - watch: Called after every step, and before that with each line of the log.
  /// - Throws: `TrainingStopped` if that was asked for; `RunError.diverged` after ten steps in a row in which something is
  ///   not finite, after a last step of that kind, and instead of a checkpoint that would hold NaN; `FileError` if the
  ///   log or the last checkpoint cannot be written.
  mutating func train(until limit: Int? = nil, watch: (TrainingEvent) -> Void) throws {
    let last = min(recipe.training.steps, limit ?? .max)
    var timer = CheckpointTimer(recipe.training, last: last)
    meter.restart()
    defer { writer.wait() }
    try stop.answeringBySaving {
      try makeUpForValidation(watch)
      while trainer.step < last, validation?.reasonToEnd == nil {
        var isBest = false
        if let outcome = try advance(timer) {
          try finishStep(outcome, last: last, watch)
          isBest = try validate(watch)
          try checkReplicas(last: last)
        }
        try noteFailedCheckpoint()
        if mustStop, trainer.step < last { throw try saveAndStop() }
        let isLate = trainer.makesWholeSteps ? wishes.save : timer.isLate
        let due = timer.reason(at: trainer.position, isLate: isLate)
        if failures == 0, let reason = isBest ? .step : due {
          timer.begin()
          try save(because: reason)
        }
      }
      try finishSaving()
    }
    if trainer.step == recipe.training.steps || validation?.reasonToEnd != nil {
      try ranks.lead { try describe() }
    }
  }

  /// Writes the cards of the finished model and of the best one. The training does not fail for it.
  private func describe() throws {
    let checkpoints = CheckpointFolder(url: folder.checkpoints)
    do {
      for position in Set([trainer.position, checkpoints.best].compactMap { $0 }) {
        try ModelCard(of: position, in: folder, recipe: recipe).write()
      }
    } catch let error as FileError {
      remark("no model card: \(error)")
    }
  }

  /// Goes on by a batch; several ranks or replicas go on by a step. If audio cannot be read any more, what there is is saved before
  /// the error ends the run.
  private mutating func advance(_ timer: CheckpointTimer) throws -> StepOutcome? {
    let start = meter.now
    defer { meter.count(since: start) }
    do {
      return try trainer.makesWholeSteps ? advanceTogether(timer) : trainer.advanceByBatch()
    } catch {
      save(before: error)
      throw error
    }
  }

  private mutating func advanceTogether(_ timer: CheckpointTimer) throws -> StepOutcome {
    let step = try trainer.advanceTogether(
      wishing: ControlExchange.Wishes(stop: stop.isMade, save: timer.isLate))
    wishes = step.wishes
    if ranks.count > 1 { pace.count(step.pace) }
    return step.outcome
  }

  /// Whether the run has to end, on all ranks alike.
  private var mustStop: Bool { trainer.makesWholeSteps ? wishes.stop : stop.isMade }

  /// At every checkpoint by step, and at the last step, all ranks make sure that they still train the same model.
  private func checkReplicas(last: Int) throws {
    guard trainer.step % recipe.training.checkpointEvery == 0 || trainer.step == last else {
      return
    }
    try trainer.checkReplicas()
  }

  /// What follows an update: whether it is sound, and its line in the log.
  private mutating func finishStep(
    _ outcome: StepOutcome, last: Int, _ watch: (TrainingEvent) -> Void
  ) throws {
    try check(outcome)
    meter.count(outcome)
    if let record = record(outcome, isLast: trainer.step == last) {
      try log?.write(record)
      watch(.step(record, of: last))
    }
    watch(.advanced(trainer.step, of: last))
    if trainer.step == last, let bad = outcome.nonFinite {
      throw try diverged("the last step is not finite (\(bad)\(outcome.crops))")
    }
  }

  /// The line of the log that is due after a step; nil if none is.
  private mutating func record(_ outcome: StepOutcome, isLast: Bool) -> StepRecord? {
    let isDue = recipe.training.logs(trainer.step)
    guard isDue || isLast else { return nil }
    var record = meter.record(
      trainer.step, outcome, leftOut: trainer.step - trainer.optimizer.step, isPartial: !isDue)
    record.ranks = pace.take(of: ranks)
    return record
  }

  /// Leaving out an update keeps the weights sound; a row of them means that training is over.
  private mutating func check(_ outcome: StepOutcome) throws {
    guard let bad = outcome.nonFinite else { return failures = 0 }
    failures += 1
    let isLeftOut = !outcome.gradientNorm.isFinite
    let kind = isLeftOut ? EventRecord.updateLeftOut : "not finite"
    try note("\(kind): \(bad)\(outcome.crops)")
    guard failures < Self.toleratedFailures else {
      throw try diverged(
        "\(failures) steps in a row were not finite, the last in \(bad)\(outcome.crops)")
    }
  }

  /// Writes an event into the log and shows it.
  func note(_ event: String) throws {
    try log?.write(EventRecord(step: trainer.step, event: event))
    remark("step \(trainer.step): \(event)")
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
    let last = log?.lastStep ?? 0
    guard log != nil, last < expected, expected > 0 else { return }
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
