import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

/// A folder `step-N`: the encoder as Hugging Face reads it (`config.json`, `model.safetensors`), and
/// beside it what training needs to go on: `heads.safetensors`, `optimizer.safetensors`,
/// `teacher.safetensors` if there is one, `state.json`.
///
/// Written under another name, flushed and renamed, so that a folder `step-N` is always whole.
enum Checkpoint {
  /// Writes a checkpoint into `folder` and removes all but the last `keep`.
  static func write(
    _ trainer: Trainer, state: RunState, into folder: URL, keeping keep: Int
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

  private static func writeFiles(of trainer: Trainer, state: RunState, to folder: URL) throws {
    try trainer.model.encoder.save(to: folder)
    try trainer.model.heads.write(to: folder.appendingPathComponent("heads.safetensors"))
    try SafeTensors.write(
      trainer.optimizer.state, to: folder.appendingPathComponent("optimizer.safetensors"))
    if let teacher = trainer.teacher {
      try SafeTensors.write(
        teacher.state, to: folder.appendingPathComponent("teacher.safetensors"))
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
  static func restore(_ trainer: inout Trainer, from folder: URL) throws {
    func tensors(_ name: String) throws -> [String: Tensor] {
      let url = folder.appendingPathComponent(name)
      return try Dictionary(
        uniqueKeysWithValues: SafeTensors(contentsOf: url).tensors().map { name, tensor in
          (name, try tensor.checkedFinite(name, of: url))
        })
    }
    let state = try RunState(of: folder)
    try trainer.model.restore(
      encoder: AudioEncoder.load(folder), heads: tensors("heads.safetensors"))
    try trainer.optimizer.restore(tensors("optimizer.safetensors"), step: state.updates)
    if trainer.teacher != nil { try trainer.teacher!.restore(tensors("teacher.safetensors")) }
    trainer.step = state.step
  }
}

extension Trainer {
  /// The room that a checkpoint takes, but for its text.
  fileprivate var checkpointBytes: Int {
    let numbers =
      model.parameterCount + optimizer.state.values.reduce(0) { $0 + $1.elementCount }
      + (teacher?.state.values.reduce(0) { $0 + $1.elementCount } ?? 0)
    return 4 * numbers
  }
}
