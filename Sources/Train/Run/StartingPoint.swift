import Files
import Foundation
import MelModels
import Models
import Pretrain
import Tensor

/// What a new run begins as instead of at random: a trained encoder, its heads, or both; and what was measured for it.
public struct StartingPoint: Sendable {
  /// The encoder; random unless given.
  public var encoder: (any Encoder)?
  /// The heads; random unless given.
  public var heads: PretrainingHeads?
  /// What a random encoder standardises its input by, measured on the collection; nil before that, and of an encoder
  /// that standardises nothing. A trained encoder has its own.
  public internal(set) var inputStatistics: InputStatistics?
  /// What heads that are fitted to the collection are fitted to: rows of their targets, by the name of the head. Empty
  /// before that, and for heads that are not new.
  var headTargets: [String: Tensor] = [:]
  /// Where they come from, for the record.
  public var path: String?

  /// A run that begins as this.
  public init(
    encoder: (any Encoder)? = nil, heads: PretrainingHeads? = nil, path: String? = nil
  ) {
    (self.encoder, self.heads, self.path) = (encoder, heads, path)
  }

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - path: Whatever `Encoders` opens.
  ///   - keepingHeads: Begins with the model's heads, too.
  /// - Throws: `ModelError`.
  public init(_ path: String, keepingHeads: Bool) throws {
    let url = URL(fileURLWithPath: path)
    let heads = keepingHeads ? try Encoders.heads(of: url) : nil
    guard heads?.isEmpty != true else {
      throw ModelError.file(path, problem: "has no heads of pre-training; leave out --keep-heads")
    }
    self.init(encoder: try Encoders.load(url), heads: heads, path: path)
  }

  /// What is recorded of it; nil if all is random.
  var identity: ModelIdentity? {
    guard encoder != nil || heads != nil else { return nil }
    var hash = ContentHash()
    if let encoder { hash.update(stateOf: encoder) }
    for (name, tensor) in (heads?.tensors ?? [:]).sorted(by: { $0.key < $1.key }) {
      hash.update(name, tensor)
    }
    return ModelIdentity(
      path: path, hash: String(hash.value, radix: 16), keepsHeads: heads != nil)
  }
}

/// A model that a run began as, by its numbers.
public struct ModelIdentity: Codable, Sendable, Equatable {
  /// Where it lay.
  public var path: String?
  /// Changes when any of its numbers does.
  public var hash: String
  /// Whether its heads were taken, too.
  public var keepsHeads: Bool

  /// Where it lay, in a message.
  package var name: String { path ?? "a model without a path" }

  /// `as hubert.pt with its heads`
  package var summary: String { "as \(name)" + (keepsHeads ? " with its heads" : "") }

  /// `model 3f2a91bc with its heads`: the same for the same model, wherever it lies.
  package var words: String { "model \(hash.prefix(8))" + (keepsHeads ? " with its heads" : "") }
}
