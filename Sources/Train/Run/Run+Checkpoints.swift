import Audio
import Cluster
import Files
import Foundation
import Optimisation
import Pretrain
import Tensor

/// How a run is saved: at its checkpoints, when it is stopped, and before an error ends it.
extension Run {
  /// Begins a checkpoint of this moment, which a thread writes while training goes on. Waits for the one before it, and
  /// for this one, too, if the memory has no room for a second state.
  ///
  /// - Parameter reason: Why; samples are written beside one that is due by its step.
  mutating func save(because reason: CheckpointTimer.Reason) throws {
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
  mutating func noteFailedCheckpoint() throws {
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
  mutating func finishSaving() throws {
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
  mutating func saveAndStop() throws -> TrainingStopped {
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

  /// The error of a training that cannot go on, which names the last checkpoint that is sound.
  func diverged(_ reason: String) throws -> RunError {
    writer.wait()
    let sound = try folder.latestCheckpoint?.path
    return .diverged(
      step: trainer.step,
      reason: "\(reason); lower schedule.peakRate or check these files; "
        + (sound.map { "\($0) is the last sound checkpoint" } ?? "there is no sound checkpoint"))
  }

  /// Saves what there is before an error ends the run, if audio or labels cannot be read any more.
  mutating func save(before error: any Error) {
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
}
