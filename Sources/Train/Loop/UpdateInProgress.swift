import Cluster
import Models
import Pretrain
import Tensor

/// The part of an update that is computed so far: the losses of its first batches, and sums of their gradients.
///
/// Gradients are summed in pairs (`PairwiseSum`), so that ranks that share the batches of an update add in the same
/// order as one process. It is state of a trainer like its weights, so a training can stop and go on between two batches
/// of an update.
struct UpdateInProgress: Sendable {
  /// What each batch so far adds to the loss, in order.
  private(set) var losses: [WeightedLoss] = []
  /// The gradients of these batches, summed.
  private var sums = PairwiseSum<Gradients>()

  /// An update before its first batch.
  init() {}

  /// How many batches are in it.
  var batches: Int { losses.count }

  /// Adds the loss of the next batch and its gradients.
  ///
  /// - Parameters:
  ///   - batch: The loss.
  ///   - share: The weight of the batch in the update.
  mutating func add(_ batch: Loss, share: Float) {
    losses.append(WeightedLoss(batch, share: share))
    sums.add((batch.total * share).gradients()) { $0.add($1) }
  }

  /// The gradients of all batches so far, which are gone then.
  mutating func takeGradients() -> Gradients { sums.takeTotal { $0.add($1) } ?? Gradients() }
}

// MARK: - In a checkpoint

extension UpdateInProgress {
  private static let gradientNames = "gradients."

  /// All its numbers by name, for a checkpoint: those of the losses, and `gradients.<level>.<path>`.
  ///
  /// - Parameter model: The module whose parameters the gradients belong to.
  func tensors(of model: some Module) -> [String: Tensor] {
    var tensors = losses.tensors
    for (level, sum) in sums.levels.enumerated() {
      guard let sum else { continue }
      model.forEachParameter { place, parameter in
        tensors["\(Self.gradientNames)\(level).\(place.path)"] = sum[parameter]
      }
    }
    return tensors
  }

  /// Goes on from kept numbers. Those of older checkpoints, which hold one running sum, are not taken: the update begins
  /// anew, which gives the bits of one that never stopped.
  ///
  /// - Parameters:
  ///   - tensors: What `tensors(of:)` returned.
  ///   - batches: How many batches are in them.
  ///   - model: The module whose parameters the gradients belong to.
  /// - Throws: `ModelError.tensors` if a number is missing, or does not fit the model or the batches.
  init(_ tensors: [String: Tensor], batches: Int, of model: some Module) throws {
    guard tensors["loss"] == nil else { return }
    losses = try [WeightedLoss](tensors, count: batches)
    let levels = try (0..<Int.bitWidth - batches.leadingZeroBitCount).map { level in
      batches >> level & 1 == 1 ? try Self.gradients(tensors, level: level, of: model) : nil
    }
    sums = PairwiseSum(levels: levels)
  }

  private static func gradients(
    _ tensors: [String: Tensor], level: Int, of model: some Module
  ) throws -> Gradients {
    var gradients = Gradients()
    try model.forEachParameter { place, parameter in
      guard let kept = tensors["\(gradientNames)\(level).\(place.path)"] else { return }
      guard kept.shape == parameter.shape else {
        throw ModelError.tensors(
          "the kept gradient of '\(place.path)' has the shape \(kept.shape), not \(parameter.shape)"
        )
      }
      gradients[parameter] = kept
    }
    return gradients
  }
}
