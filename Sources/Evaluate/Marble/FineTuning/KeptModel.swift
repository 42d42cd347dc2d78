import Files
import Foundation
import Models
import Tensor

/// What a kept model is of: `marble.json` beside it.
///
/// It is written before the model, so that whatever lies in a folder is of the training that is named there.
private struct KeptModel: Codable, Equatable {
  private static let fileName = "marble.json"

  /// In words, for whoever opens the folder.
  var setting: String
  var seed: Int
  /// The hash of all that the training depends on, `ProbingJob.identity`.
  var job: String

  init(of job: ProbingJob) {
    (setting, seed) = (job.setting.name, job.grid.probe.seed)
    self.job = String(job.identity, radix: 16)
  }

  /// That of a folder; nil if there is none, or it cannot be read.
  init?(in folder: URL) {
    guard let data = try? Presence.content(of: folder.appendingPathComponent(Self.fileName)),
      let known = try? JSONDecoder().decode(KeptModel.self, from: data)
    else { return nil }
    self = known
  }

  func write(to folder: URL) throws {
    try AtomicFile.write(
      try MarbleJSON.encoder.encode(self), to: folder.appendingPathComponent(Self.fileName))
  }

  var words: String { "\(setting), seed \(seed)" }
}

extension ProbingJob {
  /// That the model which is kept takes the place of no other training's.
  /// - Throws: `MarbleError.keptModel`; `FileError` if the folder cannot be listed.
  func checkKeptModel() throws {
    guard let folder = modelFolder, let names = try Presence.names(in: folder),
      names.contains(where: { !$0.hasPrefix(".") })
    else { return }
    let held = KeptModel(in: folder)
    guard held != KeptModel(of: self) else { return }
    throw MarbleError.keptModel(folder.path, of: held?.words)
  }

  /// Writes what a model is of, its folder and then its head, if models are kept.
  /// - Throws: As `checkKeptModel()`; `FileError` if a file cannot be written.
  func keep(_ model: FineTuned) throws {
    guard let folder = modelFolder else { return }
    // Two models may have one folder, `a/b` and `a_b`.
    try checkKeptModel()
    try AtomicFolder.make(folder)
    try KeptModel(of: self).write(to: folder)
    try model.model.detached().save(to: folder)
    try SafeTensors.write(
      model.head.state.map { (name: $0.path, tensor: $0.tensor) }, to: head(in: folder))
  }

  /// Whether this training's model is there, if models are kept.
  var isModelKept: Bool {
    guard let folder = modelFolder else { return true }
    return KeptModel(in: folder) == KeptModel(of: self)
      && FileManager.default.fileExists(atPath: head(in: folder).path)
  }

  private var modelFolder: URL? {
    guard setting.fineTuning != nil else { return nil }
    return kept?.appendingPathComponent(task.name)
      .appendingPathComponent(embedder.name.replacing("/", with: "_"))
  }

  private func head(in folder: URL) -> URL { folder.appendingPathComponent("head.safetensors") }
}
