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
  /// - Throws: `ModelError.tensors` if a gradient does not fit its parameter.
  init(_ tensors: [String: Tensor], batches: Int, of model: some Module) throws {
    self.batches = batches
    loss = tensors[Self.lossName]?.scalars.first ?? 0
    observations = Array(repeating: [:], count: batches)
    for (name, tensor) in tensors {
      if name.hasPrefix(Self.termNames) {
        terms[String(name.dropFirst(Self.termNames.count))] = tensor.scalars[0]
      } else if name.hasPrefix(Self.observationNames) {
        let parts = name.dropFirst(Self.observationNames.count).split(separator: ".", maxSplits: 1)
        observations[Int(parts[0])!][String(parts[1])] = tensor
      }
    }
    try restoreGradients(tensors, of: model)
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
