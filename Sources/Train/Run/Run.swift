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
  private let recipe: Recipe
  private var trainer: Trainer<Recipe.Model>
  /// The first rank's; the others write nothing.
  private let log: RunJournal?
  private var meter: StepMeter
  private let labels: String?
  private let sources: String?
  private let data: DataIdentity
  private let order: EpochOrder
  private let audio: any AudioSource
  private var validation: RunValidation<Recipe>?
  /// What it began as; nil if that was random.
  let start: ModelIdentity?
  private let stop: StopRequest
  private let ranks: Ranks
  private let remark: (String) -> Void
  /// How long the ranks computed since the last line of the log.
  private var pace = RankPace()
  /// What any of several ranks asked for, as they told each other in the last step.
  private var wishes = ControlExchange.Wishes()
  /// Updates in a row that had to be left out.
  private var failures = 0
  /// Whether the validation after the last step failed, so that it is made when the run goes on.
  private var awaitsValidation: Bool
  private static var toleratedFailures: Int { 10 }
  private let writer = BackgroundWork()
  /// The position of the last checkpoint that was begun, unless it failed.
  private var saved: TrainingPosition?

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

  /// Saves what there is before an error ends the run, if audio or labels cannot be read any more.
  private mutating func save(before error: any Error) {
    if endsWithSaving(error) { _ = try? saveAndStop() }
  }

  /// Whether a failed step leaves anything to save. Ranks that failed together are all here; if one does not answer, no
  /// rank waits for it once more.
  private func endsWithSaving(_ error: any Error) -> Bool {
    guard ranks.count > 1 else {
      return error is AudioError || error is LabelError || error is FileError
    }
    if case .some(.failed) = error as? ClusterError { return true }
    return !(error is ClusterError)
  }

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
    let isDue =
      trainer.step % recipe.training.logEvery == 0 || trainer.step == recipe.training.steps
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

  /// Validates and probes a sound step for which that is due. If held-out audio cannot be read any more, what there is
  /// is saved before the error ends the run, and the validation is made when the run goes on.
  /// - Returns: Whether it is the best so far.
  private mutating func validate(_ watch: (TrainingEvent) -> Void) throws -> Bool {
    guard failures == 0 else { return false }
    awaitsValidation = true
    do {
      let isBest = try measure(watch)
      awaitsValidation = false
      return isBest
    } catch {
      save(before: error)
      throw error
    }
  }

  /// Makes the validation that an earlier process could not make, and saves what it shows.
  private mutating func makeUpForValidation(_ watch: (TrainingEvent) -> Void) throws {
    guard awaitsValidation else { return }
    let isBest = try validate(watch)
    try save(because: isBest ? .step : .time)
  }

  private mutating func measure(_ watch: (TrainingEvent) -> Void) throws -> Bool {
    if validation?.isProbeDue(trainer.step) == true { try ranks.lead { try probe(watch) } }
    guard let found = try validation?.validate(trainer) else { return false }
    try log?.write(found.record)
    watch(.validated(found.record))
    if let reason = validation?.reasonToEnd { try note(reason) }
    return found.isBest
  }

  private func probe(_ watch: (TrainingEvent) -> Void) throws {
    guard let record = try validation?.probe(trainer) else { return }
    try log?.write(record)
    watch(.probed(record))
  }

  /// Writes an event into the log and shows it.
  private func note(_ event: String) throws {
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

// MARK: - Checkpoints

extension Run {
  /// Begins a checkpoint of this moment, which a thread writes while training goes on. Waits for the one before it, and
  /// for this one, too, if the memory has no room for a second state.
  ///
  /// - Parameter reason: Why; samples are written beside one that is due by its step.
  private mutating func save(because reason: CheckpointTimer.Reason) throws {
    let snapshot = try trainer.gathered()
    guard ranks.isFirst else { return }
    writer.wait()
    try noteFailedCheckpoint()
    try checkWeights(of: snapshot)
    do {
      if reason == .step { try writeSamples() }
      try log?.flush()
    } catch let error as FileError {
      return try noteFailedCheckpoint(error)
    }
    try beginWriting(snapshot)
    if !MemoryRoom.holds(snapshot.checkpointBytes) { writer.wait() }
  }

  /// Writes samples of this moment. If audio cannot be read any more, the checkpoint is written without them.
  private func writeSamples() throws {
    do {
      try trainer.model.writeSamples(of: audio, to: folder.samples(of: trainer.step))
    } catch let error as AudioError {
      try note("no samples: \(error)")
    }
  }

  private mutating func beginWriting(_ snapshot: Trainer<Recipe.Model>) throws {
    let (best, position) = (validation?.progress.bestPosition, snapshot.position)
    let (state, run) = (try state(), folder)
    let kept = KeptCheckpoints(recipe.training)
    saved = position
    writer.begin {
      let checkpoints = CheckpointFolder(url: run.checkpoints)
      try Checkpoint.write(snapshot, state: state, into: checkpoints)
      try UpkeepError.after(position) {
        try RunInformation.noteCheckpoint(in: run)
        try checkpoints.markBest(best)
        try checkpoints.removeAll(but: kept)
      }
    }
  }

  private func state() throws -> RunState {
    try RunState(
      at: trainer.position, updates: trainer.optimizer.step, failures: failures, recipe: recipe,
      labels: labels, sources: sources, data: data, order: order, start: start, sums: meter.sums,
      validation: validation?.progress, awaitsValidation: awaitsValidation)
  }

  /// Names a checkpoint that could not be written. Training goes on: the earlier ones are whole, and there may be room
  /// when the next is due.
  private mutating func noteFailedCheckpoint() throws {
    guard let error = writer.takeFailure() else { return }
    switch error {
    case let error as FileError: try noteFailedCheckpoint(error)
    case let error as UpkeepError:
      saved = nil
      try note("\(error)")
    default: throw error
    }
  }

  private mutating func noteFailedCheckpoint(_ error: FileError) throws {
    saved = nil
    try note("no checkpoint: \(error); training goes on and tries again when the next is due")
  }

  /// Waits until this moment is saved, without which the run has not ended. One that found no room is tried once more.
  private mutating func finishSaving() throws {
    guard try ranks.lead({ try finishWriting() }) == .missing else { return }
    let snapshot = try trainer.gathered()
    try ranks.lead {
      try checkWeights(of: snapshot)
      try beginWriting(snapshot)
      writer.wait()
      if let error = writer.takeFailure() { throw error }
    }
  }

  /// Whether this moment has its checkpoint.
  private enum Saved: String, Codable { case written, missing }

  /// Waits for a checkpoint that is being written.
  private mutating func finishWriting() throws -> Saved {
    writer.wait()
    try noteFailedCheckpoint()
    try log?.flush()
    let start = TrainingPosition(step: 0)
    return saved != trainer.position && trainer.position > start ? .missing : .written
  }

  /// Saves what there is, also inside an update.
  private mutating func saveAndStop() throws -> TrainingStopped {
    try finishSaving()
    return TrainingStopped(run: folder.path, position: trainer.position)
  }

  /// That no parameter, moment or average is NaN: none that resumes could ever be sound again.
  private func checkWeights(of trainer: Trainer<Recipe.Model>) throws {
    let replicas = trainer.replicaFiles.flatMap { file, tensors in
      tensors.map { (name: "\(file): \($0.key)", tensor: $0.value) }
    }
    for (name, tensor) in trainer.state + replicas {
      guard let element = tensor.nonFiniteElement else { continue }
      throw try diverged("'\(name)' holds \(element)")
    }
  }

  private func diverged(_ reason: String) throws -> RunError {
    writer.wait()
    let sound = try folder.latestCheckpoint?.path
    return .diverged(
      step: trainer.step,
      reason: "\(reason); lower schedule.peakRate or check these files; "
        + (sound.map { "\($0) is the last sound checkpoint" } ?? "there is no sound checkpoint"))
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
