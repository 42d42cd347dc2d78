import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

/// A folder `step-N`, or `step-N-batch-B` inside an update: what the learner publishes (of masked pre-training, the
/// encoder as Hugging Face reads it, `config.json` and `model.safetensors`, and `heads.safetensors`), and beside it
/// what training needs to go on: `optimizer.safetensors`, the learner's companions, such as `teacher.safetensors`,
/// `update.safetensors` inside an update, with `training.local` `outer.safetensors` and for each replica but the first
/// `replica-K.safetensors`, and `state.json`, which has the hash of every other file. With
/// `training.averaging` the folder `averaged` holds what the learner publishes with averaged weights.
///
/// Written under another name, flushed and renamed, so that a folder of this name is always whole.
enum Checkpoint {
  /// Writes the checkpoint of a trainer into the folder of its run's checkpoints.
  /// - Throws: `FileError`.
  static func write(
    _ trainer: Trainer<some Learner>, state: RunState, into folder: CheckpointFolder
  ) throws {
    try AtomicFolder.make(folder.url)
    try folder.removeUnfinished()
    let target = folder.checkpoint(at: trainer.position)
    try AtomicFolder.write(to: target, bytes: trainer.checkpointBytes) { partial in
      try writeFiles(of: trainer, state: state, to: partial)
    }
  }

  private static func writeFiles(of trainer: Trainer<some Learner>, state: RunState, to folder: URL)
    throws
  {
    try trainer.model.publish(to: folder)
    if trainer.average != nil {
      try AtomicFolder.make(folder.averaged)
      try trainer.evaluated.publish(to: folder.averaged)
    }
    try SafeTensors.write(trainer.optimizer.state, to: file("optimizer", of: folder))
    for (name, tensors) in trainer.model.companions {
      try SafeTensors.write(tensors, to: file(name, of: folder))
    }
    for (name, tensors) in trainer.replicaFiles {
      try SafeTensors.write(tensors, to: file(name, of: folder))
    }
    if trainer.position.batch > 0 {
      try SafeTensors.write(
        trainer.update.tensors(of: trainer.model), to: file("update", of: folder))
    }
    try state.write(to: folder)
  }

  /// Puts `trainer` where the checkpoint left off.
  static func restore(_ trainer: inout Trainer<some Learner>, from folder: URL) throws {
    func tensors(_ name: String) throws -> [String: Tensor] {
      try SafeTensors.finiteTensors(contentsOf: file(name, of: folder))
    }
    let state = try RunState(of: folder)
    try trainer.model.restore(from: folder)
    trainer.model.freeze(by: trainer.optimizer.numbers)
    if trainer.average != nil {
      var copy = trainer.model
      try copy.restore(from: folder.averaged)
      trainer.average?.restore(from: copy)
    }
    try trainer.optimizer.restore(tensors("optimizer"), step: state.updates)
    var companions: [String: [String: Tensor]] = [:]
    for name in trainer.model.companions.keys {
      let isAbsent = try Presence.kind(of: file(name, of: folder).path) == nil
      if isAbsent, trainer.model.laterCompanions.contains(name) { continue }
      companions[name] = try tensors(name)
    }
    try trainer.model.restore(companions: companions)
    try trainer.restoreReplicas(tensors)
    trainer.step = state.step
    guard let batch = state.batch else { return }
    // The sums of an update that will be left out are not finite.
    let sums = try SafeTensors(contentsOf: file("update", of: folder)).tensors()
    trainer.update = try UpdateInProgress(sums, batches: batch, of: trainer.model)
  }

  private static func file(_ name: String, of folder: URL) -> URL {
    folder.appendingPathComponent(name + ".safetensors")
  }
}

extension Trainer {
  /// The bytes of a checkpoint, but for its text. A copy of the trainer takes as many in memory once it is changed.
  var checkpointBytes: Int {
    let sums = position.batch > 0 ? update.tensors(of: model).values.elementCount : 0
    let numbers =
      model.state.map(\.tensor).elementCount + optimizer.state.values.elementCount
      + model.companions.values.reduce(0) { $0 + $1.values.elementCount } + sums
    let replicas = replicaFiles.values.reduce(0) { $0 + $1.values.elementCount }
    return 4 * (numbers + replicas) + (average?.byteCount ?? 0)
  }
}

extension Sequence<Tensor> {
  fileprivate var elementCount: Int { reduce(0) { $0 + $1.elementCount } }
}
