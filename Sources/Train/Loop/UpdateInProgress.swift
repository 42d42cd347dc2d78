import Models
import Pretrain
import Tensor

/// The part of an update that is computed so far: sums over its first batches.
///
/// It is state of a trainer like its weights, so a training can stop and go on between two batches of an update.
struct UpdateInProgress: Sendable {
  /// How many batches are in it.
  private(set) var batches = 0
  /// The loss of these batches, each weighted by its share.
  private(set) var loss: Float = 0
  /// The terms of the loss, weighted in the same way.
  private(set) var terms: [String: Float] = [:]
  /// The gradients of these batches, summed.
  private(set) var gradients = Gradients()
  /// What the losses observed, batch by batch.
  private(set) var observations: [[String: Tensor]] = []

  /// An update before its first batch.
  init() {}

  /// Adds the loss of the next batch and its gradients.
  ///
  /// - Parameters:
  ///   - batch: The loss.
  ///   - share: The weight of the batch in the update.
  mutating func add(_ batch: Loss, share: Float) {
    batches += 1
    loss += share * batch.total.scalar
    for (name, value) in batch.terms { terms[name, default: 0] += share * value }
    observations.append(batch.observations)
    gradients.add((batch.total * share).gradients())
  }
}

// MARK: - In a checkpoint

extension UpdateInProgress {
  private static let (lossName, termNames) = ("loss", "terms.")
  private static let (gradientNames, observationNames) = ("gradients.", "observations.")

  /// All its numbers by name, for a checkpoint: `loss`, `terms.<name>`, `gradients.<path>` and
  /// `observations.<batch>.<name>`.
  ///
  /// - Parameter model: The module whose parameters the gradients belong to.
  func tensors(of model: some Module) -> [String: Tensor] {
    var tensors = [Self.lossName: Tensor([loss])]
    for (name, value) in terms { tensors[Self.termNames + name] = Tensor([value]) }
    model.forEachParameter { place, parameter in
      tensors[Self.gradientNames + place.path] = gradients[parameter]
    }
    for (number, batch) in observations.enumerated() {
      for (name, tensor) in batch {
        tensors["\(Self.observationNames)\(number).\(name)"] = tensor
      }
    }
    return tensors
  }

  /// Goes on from kept numbers.
  ///
  /// - Parameters:
  ///   - tensors: What `tensors(of:)` returned.
  ///   - batches: How many batches are in them.
  ///   - model: The module whose parameters the gradients belong to.
  /// - Throws: `ModelError.tensors` if a number is missing, or does not fit the model or the batches.
  init(_ tensors: [String: Tensor], batches: Int, of model: some Module) throws {
    self.batches = batches
    loss = try Self.number(Self.lossName, tensors[Self.lossName])
    observations = Array(repeating: [:], count: batches)
    for (name, tensor) in tensors { try restore(name, tensor) }
    try restoreGradients(tensors, of: model)
  }

  private static func number(_ name: String, _ tensor: Tensor?) throws -> Float {
    guard let tensor, tensor.elementCount == 1 else {
      throw ModelError.tensors("the kept update has no number '\(name)'")
    }
    return tensor.scalars[0]
  }

  /// Takes a term or an observation; passes over all else.
  private mutating func restore(_ name: String, _ tensor: Tensor) throws {
    if name.hasPrefix(Self.termNames) {
      terms[String(name.dropFirst(Self.termNames.count))] = try Self.number(name, tensor)
    } else if name.hasPrefix(Self.observationNames) {
      let parts = name.dropFirst(Self.observationNames.count).split(separator: ".", maxSplits: 1)
      guard parts.count == 2, let batch = Int(parts[0]), observations.indices.contains(batch) else {
        throw ModelError.tensors(
          "the kept '\(name)' belongs to none of \(observations.count) batches")
      }
      observations[batch][String(parts[1])] = tensor
    }
  }

  private mutating func restoreGradients(_ tensors: [String: Tensor], of model: some Module) throws
  {
    try model.forEachParameter { place, parameter in
      guard let kept = tensors[Self.gradientNames + place.path] else { return }
      guard kept.shape == parameter.shape else {
        throw ModelError.tensors(
          "the kept gradient of '\(place.path)' has the shape \(kept.shape), not \(parameter.shape)"
        )
      }
      gradients[parameter] = kept
    }
  }
}
