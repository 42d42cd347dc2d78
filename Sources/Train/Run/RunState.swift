import Files
import Foundation
import Settings
import Tensor
import YAML

/// `state.json` of a checkpoint: where a run is, and what it is a run of.
struct RunState: Codable, Equatable {
  var step: Int
  /// Updates that the optimiser made: fewer than steps if some were left out. Set as it is written.
  var updates = 0
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
  /// The version that wrote this.
  var etude: String?

  private static func file(of checkpoint: URL) -> URL {
    checkpoint.appendingPathComponent("state.json")
  }

  /// The state of a checkpoint.
  /// - Throws: `RunError.checkpoint`.
  init(of checkpoint: URL) throws {
    let url = Self.file(of: checkpoint)
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
    } catch {
      throw RunError.checkpoint(
        url.path, reason: "it is missing or damaged; remove this checkpoint")
    }
  }

  /// - Throws: `FileError`.
  func write(to checkpoint: URL) throws {
    try AtomicFile.write(JSONEncoder.readable.encode(self), to: Self.file(of: checkpoint))
  }
}

extension RunState {
  init(
    step: Int, recipe: some TrainingRecipe, labels: String?, sources: String?,
    data: DataIdentity, order: EpochOrder, start: ModelIdentity?
  ) throws {
    self.order = order
    self.sources = sources
    (self.step, self.recipe, self.labels) = (step, try RecipeFile.yaml(of: recipe), labels)
    (self.data, self.start, etude) = (data.fingerprint, start, etudeVersion)
  }
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
