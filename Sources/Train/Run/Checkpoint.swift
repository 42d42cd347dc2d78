import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

/// A folder `step-N`: what the learner publishes (of masked pre-training, the encoder as Hugging Face reads it,
/// `config.json` and `model.safetensors`, and `heads.safetensors`), and beside it what training needs to go on:
/// `optimizer.safetensors`, the learner's companions, such as `teacher.safetensors`, `state.json`, and in the folder
/// `averaged` what the learner publishes with averaged weights if the recipe has `training.averaging`.
///
/// Written under another name, flushed and renamed, so that a folder `step-N` is always whole.
enum Checkpoint {
  /// Writes a checkpoint into `folder` and removes all but the last `keep`.
  static func write(
    _ trainer: Trainer<some Learner>, state: RunState, into folder: URL, keeping keep: Int
  ) throws {
    try AtomicFolder.make(folder)
    try removeUnfinished(in: folder)
    let target = folder.appendingPathComponent("step-\(trainer.step)")
    try AtomicFolder.write(to: target, bytes: trainer.checkpointBytes) { partial in
      try writeFiles(of: trainer, state: state, to: partial)
    }
    for old in try steps(in: folder).dropLast(keep) {
      try remove(folder.appendingPathComponent("step-\(old)"))
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
    var state = state
    state.updates = trainer.optimizer.step
    try state.write(to: folder)
  }

  /// What a process that was killed left of a checkpoint, which takes the room of a whole one.
  private static func removeUnfinished(in folder: URL) throws {
    for name in try Presence.names(in: folder) ?? []
    where name.hasPrefix(".step-") && name.hasSuffix(".partial") {
      try remove(folder.appendingPathComponent(name))
    }
  }

  private static func remove(_ folder: URL) throws {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      throw FileError(error, writing: folder.path) ?? error
    }
  }

  /// The steps of the whole checkpoints in a folder, in order; none if there is no such folder.
  /// - Throws: `FileError` if it cannot be listed.
  static func steps(in folder: URL) throws -> [Int] {
    try (Presence.names(in: folder) ?? [])
      .compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }.sorted()
  }

  /// The latest checkpoint in a folder; nil if there is none.
  /// - Throws: `FileError` if it cannot be listed.
  static func latest(in folder: URL) throws -> URL? {
    try steps(in: folder).last.map { folder.appendingPathComponent("step-\($0)") }
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
    for name in trainer.model.companions.keys { companions[name] = try tensors(name) }
    try trainer.model.restore(companions: companions)
    trainer.step = state.step
  }

  private static func file(_ name: String, of folder: URL) -> URL {
    folder.appendingPathComponent(name + ".safetensors")
  }
}

extension Trainer {
  /// The room that a checkpoint takes, but for its text.
  fileprivate var checkpointBytes: Int {
    let numbers =
      model.state.map(\.tensor).elementCount + optimizer.state.values.elementCount
      + model.companions.values.reduce(0) { $0 + $1.values.elementCount }
    return 4 * numbers + (average?.byteCount ?? 0)
  }
}

extension Sequence<Tensor> {
  fileprivate var elementCount: Int { reduce(0) { $0 + $1.elementCount } }
}
