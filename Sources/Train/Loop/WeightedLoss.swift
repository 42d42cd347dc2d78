import Models
import Pretrain
import Tensor

/// What one batch adds to the loss of its update.
struct WeightedLoss: Sendable {
  /// Its loss times its share of the update.
  var loss: Float
  /// Its terms, weighted in the same way.
  var terms: [String: Float]
  /// What its loss observed.
  var observations: [String: Tensor]

  /// - Parameters:
  ///   - batch: The loss.
  ///   - share: The weight of the batch in the update.
  init(_ batch: Loss, share: Float) {
    loss = share * batch.total.scalar
    terms = batch.terms.mapValues { share * $0 }
    observations = batch.observations
  }
}

extension [WeightedLoss] {
  /// The loss of the update.
  var loss: Float { reduce(0) { $0 + $1.loss } }

  /// Its terms.
  var terms: [String: Float] {
    reduce(into: [:]) { sums, batch in
      for (name, value) in batch.terms { sums[name, default: 0] += value }
    }
  }

  /// The same losses and terms alone.
  var withoutObservations: [WeightedLoss] {
    map { batch in
      var copy = batch
      copy.observations = [:]
      return copy
    }
  }
}

// MARK: - By name

extension [WeightedLoss] {
  private static var losses: String { "losses." }
  private static var terms: String { "terms." }
  private static var observations: String { "observations." }

  /// All numbers by name: `losses.<batch>`, `terms.<batch>.<name>` and `observations.<batch>.<name>`.
  var tensors: [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (number, batch) in enumerated() {
      tensors["\(Self.losses)\(number)"] = Tensor([batch.loss])
      for (name, value) in batch.terms {
        tensors["\(Self.terms)\(number).\(name)"] = Tensor([value])
      }
      for (name, tensor) in batch.observations {
        tensors["\(Self.observations)\(number).\(name)"] = tensor
      }
    }
    return tensors
  }

  /// Takes its numbers from others by name; passes over those of other names.
  ///
  /// - Parameters:
  ///   - tensors: What `tensors` returned, perhaps among others.
  ///   - count: How many batches are in them.
  /// - Throws: `ModelError.tensors` if a number is missing, or belongs to no batch.
  init(_ tensors: [String: Tensor], count: Int) throws {
    self = try (0..<count).map { number in
      let name = "\(Self.losses)\(number)"
      return WeightedLoss(loss: try Self.number(name, tensors[name]))
    }
    for (name, tensor) in tensors {
      if let (batch, term) = try place(name, after: Self.terms) {
        self[batch].terms[term] = try Self.number(name, tensor)
      } else if let (batch, observation) = try place(name, after: Self.observations) {
        self[batch].observations[observation] = tensor
      }
    }
  }

  /// The batch and the rest of a name that begins so; nil of any other name.
  private func place(_ name: String, after beginning: String) throws -> (Int, String)? {
    guard name.hasPrefix(beginning) else { return nil }
    let parts = name.dropFirst(beginning.count).split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let batch = Int(parts[0]), indices.contains(batch) else {
      throw ModelError.tensors("the kept '\(name)' belongs to none of \(count) batches")
    }
    return (batch, String(parts[1]))
  }

  private static func number(_ name: String, _ tensor: Tensor?) throws -> Float {
    guard let tensor, tensor.elementCount == 1 else {
      throw ModelError.tensors("the kept update has no number '\(name)'")
    }
    return tensor.scalars[0]
  }
}

extension WeightedLoss {
  fileprivate init(loss: Float) { (self.loss, terms, observations) = (loss, [:], [:]) }
}
