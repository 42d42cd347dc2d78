import Foundation
import Models
import Pretrain
import Tensor

/// A folder `step-N`: the encoder as Hugging Face reads it (`config.json`, `model.safetensors`), and
/// beside it what training needs to go on: `heads.safetensors`, `optimizer.safetensors`,
/// `teacher.safetensors` if there is one, `state.json`.
///
/// Written under another name, flushed and renamed, so that a folder `step-N` is always whole.
enum Checkpoint {
  /// `state.json`
  struct State: Codable, Equatable {
    var step: Int
    /// Updates that the optimiser made: fewer than steps if some were left out. Set as it is written.
    var updates = 0
    /// The resolved recipe, which a resumed run must equal.
    var recipe: String
    /// The teachers' labels, by content.
    var labels: String?
  }

  /// Writes a checkpoint into `folder` and removes all but the last `keep`.
  static func write(_ trainer: Trainer, state: State, into folder: URL, keeping keep: Int) throws {
    let files = FileManager.default
    let target = folder.appendingPathComponent("step-\(trainer.step)")
    let partial = folder.appendingPathComponent(".step-\(trainer.step).partial")
    do {
      try files.createDirectory(at: folder, withIntermediateDirectories: true)
      try? files.removeItem(at: partial)
      try files.createDirectory(at: partial, withIntermediateDirectories: false)
      try writeFiles(of: trainer, state: state, to: partial)
      if files.fileExists(atPath: target.path) { try files.removeItem(at: target) }
      try files.moveItem(at: partial, to: target)
    } catch let error as CocoaError {
      throw RunError.unwritable(target.path, reason: error.localizedDescription)
    }
    for old in steps(in: folder).dropLast(keep) {
      try files.removeItem(at: folder.appendingPathComponent("step-\(old)"))
    }
  }

  private static func writeFiles(of trainer: Trainer, state: State, to folder: URL) throws {
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
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(state).write(to: folder.appendingPathComponent("state.json"))
  }

  /// The steps of the whole checkpoints in a folder, in order.
  static func steps(in folder: URL) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }.sorted()
  }

  /// The latest checkpoint of a run, or nil.
  static func latest(in folder: URL) -> URL? {
    steps(in: folder).last.map { folder.appendingPathComponent("step-\($0)") }
  }

  /// What a checkpoint says of itself.
  static func state(of folder: URL) throws -> State {
    let url = folder.appendingPathComponent("state.json")
    do {
      return try JSONDecoder().decode(State.self, from: Data(contentsOf: url))
    } catch {
      throw RunError.checkpoint(
        url.path, reason: "it is missing or damaged; remove this checkpoint")
    }
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
    let state = try state(of: folder)
    try trainer.model.restore(
      encoder: AudioEncoder.load(folder), heads: tensors("heads.safetensors"))
    try trainer.optimizer.restore(tensors("optimizer.safetensors"), step: state.updates)
    if trainer.teacher != nil { try trainer.teacher!.restore(tensors("teacher.safetensors")) }
    trainer.step = state.step
  }
}
