import Audio
import Files
import Foundation
import Settings
import Tensor
import YAML

/// `state.json` of a checkpoint: where a run is, and what it is a run of.
struct RunState: Codable, Equatable {
  /// Updates made or left out.
  var step: Int
  /// Batches of the next update in `update.safetensors`; nil between two updates.
  var batch: Int?
  /// Updates that the optimiser made: fewer than steps if some were left out.
  var updates = 0
  /// Updates in a row that were left out up to here; nil if the last one was made.
  var failures: Int?
  /// The resolved recipe, which a resumed run must equal but for its operational settings.
  var recipe: String
  /// The teachers' labels, by content.
  var labels: String?
  /// The files that targets are computed with, by content; nil without one.
  var sources: String?
  /// The audio, by content: `DataIdentity.fingerprint`. Not in older checkpoints.
  var data: String?
  /// How its epochs are ordered; `.shuffled` in checkpoints that do not say so.
  var order: EpochOrder?
  /// The model that the run began as; nil if that was random, or if `data` is nil, too.
  var start: ModelIdentity?
  /// The steps since the last line of the log. Not in older checkpoints.
  var sums: LogSums?
  /// What the validations have shown so far; nil without validation.
  var validation: ValidationProgress?
  /// Whether the validation after this step failed and is made when the run goes on; nil if not.
  var awaitsValidation: Bool?
  /// The version that wrote this.
  var etude: String?
  /// The content hash of each other file of the checkpoint. Not in older checkpoints.
  var files: [String: String]?
  /// The content hash of this file with zeros in the place of this hash. Not in older checkpoints.
  var seal: String?

  /// The state of a checkpoint.
  /// - Throws: `RunError.damaged`; `FileError` if it cannot be read.
  init(of checkpoint: URL) throws {
    let url = Self.file(of: checkpoint)
    guard let data = try Presence.content(of: url),
      let state = try? JSONDecoder().decode(Self.self, from: data), state.isSealed(in: data)
    else { throw RunError.damaged(url.path, reason: "it is missing or not as it was written") }
    self = state
  }

  /// Writes it, as the last file of a checkpoint, with the hashes of all others.
  /// - Throws: `FileError`.
  func write(to checkpoint: URL) throws {
    var state = self
    state.files = try ContentHash.ofFiles(in: checkpoint)
    state.seal = Self.noSeal
    let text = try JSONEncoder.readable.encode(state)
    state.seal = ContentHash.text(of: text)
    try AtomicFile.write(JSONEncoder.readable.encode(state), to: Self.file(of: checkpoint))
  }

  private static func file(of checkpoint: URL) -> URL {
    checkpoint.appendingPathComponent("state.json")
  }
}

// MARK: - Whether a checkpoint is whole

extension RunState {
  private static let noSeal = String(repeating: "0", count: 16)

  private func isSealed(in data: Data) -> Bool {
    guard let seal else { return files == nil }
    let key = "\"seal\" : "
    let text = String(decoding: data, as: UTF8.self)
      .replacing("\(key)\"\(seal)\"", with: "\(key)\"\(Self.noSeal)\"")
    return ContentHash.text(of: Data(text.utf8)) == seal
  }

  /// Checks that the other files of the checkpoint are as they were written. Older checkpoints have no hashes, and
  /// nothing is checked.
  /// - Throws: `RunError.damaged`; `FileError` if a file cannot be read.
  func checkFiles(of checkpoint: URL) throws {
    for (name, hash) in (files ?? [:]).sorted(by: { $0.key < $1.key }) {
      let file = checkpoint.appendingPathComponent(name).path
      guard try Presence.kind(of: file) == .file else {
        throw RunError.damaged(file, reason: "it is missing")
      }
      guard try ContentHash.text(ofFile: file) == hash else {
        throw RunError.damaged(file, reason: "its content is not what was written")
      }
    }
  }
}

extension ContentHash {
  /// The hash of bytes as 16 hexadecimal digits.
  fileprivate static func text(of bytes: Data) -> String {
    var hash = ContentHash()
    hash.update(bytes)
    return hash.value.hexadecimal
  }

  /// That of a file.
  fileprivate static func text(ofFile path: String) throws -> String {
    try ofFile(at: path).hexadecimal
  }

  /// Those of all files of a folder and of the folders in it, by name: `averaged/config.json`.
  fileprivate static func ofFiles(in folder: URL) throws -> [String: String] {
    try Presence.files(in: folder).reduce(into: [:]) { hashes, name in
      hashes[name] = try text(ofFile: folder.appendingPathComponent(name).path)
    }
  }
}

extension UInt64 {
  fileprivate var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension RunState {
  init(
    at position: TrainingPosition, updates: Int, failures: Int, recipe: some TrainingRecipe,
    labels: String?, sources: String?, data: DataIdentity, order: EpochOrder,
    start: ModelIdentity?, sums: LogSums, validation: ValidationProgress?, awaitsValidation: Bool
  ) throws {
    (self.order, self.sums, self.validation) = (order, sums, validation)
    self.awaitsValidation = awaitsValidation ? true : nil
    (step, batch) = (position.step, position.batch > 0 ? position.batch : nil)
    (self.updates, self.failures) = (updates, failures > 0 ? failures : nil)
    (self.recipe, self.labels, self.sources) = (try RecipeFile.yaml(of: recipe), labels, sources)
    (self.data, self.start, etude) = (data.fingerprint, start, etudeVersion)
  }

  /// How far the run is.
  var position: TrainingPosition { TrainingPosition(step: step, batch: batch ?? 0) }
}

extension JSONEncoder {
  /// For files that people read, too.
  static var readable: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return encoder
  }
}
