import Cluster
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor

/// What a training step is going to hold at its most, in bytes, part by part.
///
/// Counted from the tensors that operations keep for their gradients (listed in their *Gradient* lines).
/// The most is held when the forward pass ends, when the gradients leave the transformer, or when they
/// arrive at the long first layers of the front end.
public struct MemoryEstimate: Codable, Sendable {
  /// Parameters, and of those that are not frozen the optimiser's two moments and the moving average, float32; of every
  /// replica of this process, and what the outer step of replicas keeps. Also the parameters of earlier models that
  /// features of streams come from.
  public var state: Double
  /// Copies of the weights that products take, in bfloat16.
  public var copies: Double
  /// All gradients, float32: those of a batch, and the sums of earlier ones that wait for their like (`PairwiseSum`).
  public var gradients: Double
  /// What the front end keeps.
  public var frontEnd: Double
  /// What the transformer keeps, its positions included.
  public var transformer: Double
  /// What the positions before its first layer keep.
  public var positions: Double
  /// What heads, targets and the batch keep.
  public var heads: Double
  /// One transformer layer, computed again.
  public var layer: Double
  /// Results and gradients of the front end's first layer while its gradient is computed.
  public var firstLayer: Double
  /// Free places between tensors that are too small for the front end's long gradients: measured at
  /// twice the first layer's result, and at four times beside an averaged teacher.
  public var scattered: Double
  /// Code, tables, and what libraries allocate for themselves.
  public var program: Double

  /// The most that is held at once.
  public var peak: Double {
    let fixed = state + copies + scattered + program
    let forward = fixed + heads + frontEnd + transformer + layer
    let between = fixed + gradients + frontEnd + positions + layer
    let backward = fixed + gradients + firstLayer
    return max(forward, between, backward)
  }
}

extension Recipe {
  /// Checks that a step fits into memory.
  ///
  /// - Parameters:
  ///   - available: What this process may use.
  ///   - placement: The ranks that share the step.
  /// - Throws: `RunError.memory`.
  public func checkMemory(available: UsableMemory, on placement: Placement = .alone) throws {
    try checkParameters()
    try check(
      bytes: memory(training: TrainedParts(of: self), on: placement).peak, available: available,
      remedy: "lower training.batchSize or data.cropSeconds, or set "
        + "training.activationCheckpointing: true")
  }

  /// The memory of a step, before anything is built.
  public var memory: MemoryEstimate { memory(training: TrainedParts(of: self)) }

  func memory(
    training parts: TrainedParts, on placement: Placement = .alone
  ) -> MemoryEstimate {
    let encoder = plannedEncoder
    let parameters = Double(encoder.parameterCount + headParameterCount)
    let trained = parameters - Double(parts.frozenCount)
    let isFrontEndTrained = isFrontEndTrained(of: parts)
    let half = training.precision == .bf16
    let element = half ? 2.0 : 4.0
    let rows = layerRows
    let frames = Double(rows.count) * Double(rows.frames)
    let again = training.activationCheckpointing
    let layer = frames * Double(encoder.layerCost(frames: rows.frames).kept) * element
    let input = frames * Double(encoder.width) * element
    let positions = encoder.keptBeforeLayers(frames: cropFrames, batch: rows.count) * element
    let frontEnd = Double(training.batchSize) * encoder.keptByFrontEnd(samples: cropSamples)
    let unread = unreadFrames * Double(encoder.feedForwardCost.kept) * element
    let replicas = training.local.map { max(1, $0.replicas / placement.ranks.count) } ?? 1
    let sums =
      1 + PairwiseSum<Gradients>.mostLevels(of: training.accumulation) + (replicas - 1)
    let averaged = training.averaging == nil ? 0 : 4 * trained
    let outer = training.local == nil ? 0 : 8 * trained
    return MemoryEstimate(
      state: Double(replicas)
        * (4 * parameters + placement.momentBytes * trained + averagedParameters * 4)
        + averaged + outer + featureModelBytes,
      copies: half ? Double(replicas) * 2 * parameters : 0,
      gradients: 4 * trained * Double(sums),
      frontEnd: isFrontEndTrained ? frontEnd * element : 0,
      transformer: layersWithGradients(of: parts) * (again ? input : layer) - (again ? 0 : unread)
        + positions,
      positions: positions,
      heads: headBytes, layer: again ? layer : 0.15 * layer,
      firstLayer: isFrontEndTrained ? firstLayerElements * element : 0,
      scattered: (teacher.ema == nil ? 2.0 : 4.0) * firstResult * element,
      program: 0.08e9)
  }

  /// Frames of a batch that the last feed-forward block leaves out.
  private var unreadFrames: Double {
    guard views == nil else { return 0 }
    return Double(training.batchSize) * (Double(cropFrames) - readFrames)
  }

  /// Of models that features of streams come from, which validation has once more.
  private var featureModelBytes: Double {
    4 * FeatureModels(of: self).parameters * (validation == nil ? 1 : 2)
  }

  /// Of data2vec's teacher.
  private var averagedParameters: Double {
    teacher.ema == nil ? 0 : Double(chosenEncoder.parameterCount)
  }

  /// How many numbers the heads learn.
  var headParameterCount: Int {
    headCosts.reduce(0) { $0 + $1.parameters }
  }

  /// What each of its heads costs.
  var headCosts: [HeadCost] {
    objective.heads.map { $0.cost(width: chosenEncoder.width, codebooks: teacher.codebooks) }
  }

  /// The first result of the front end, and three gradients of that size on their way to its weights; large batches
  /// take this way in parts.
  private var firstLayerElements: Double {
    let size = firstResult
    let parts = min(Double(training.batchSize), (size / Double(1 << 26)).rounded(.down) + 1)
    return size + 3 * size / parts
  }

  private var firstResult: Double {
    plannedEncoder.firstResult(samples: cropSamples, batch: training.batchSize)
  }

  /// Heads work in float32, at the predicted frames: inputs, projections; the batch beside them.
  private var headBytes: Double {
    let predicted = Double(training.batchSize) * predictedFrames
    let layers = objective.heads.reduce(into: Set<Int>()) { $0.formUnion($1.layers) }
    let states = 2 * Double(1 + layers.count) * Double(chosenEncoder.width)
    let width = states + headCosts.reduce(0) { $0 + $1.kept }
    let perCrop =
      (views?.whole ?? 0) * Double(decoderCost.kept)
      + Double(cropFrames) * headCosts.reduce(0) { $0 + $1.cropKept }
    let whole = Double(training.batchSize) * perCrop
    let targets = headCosts.reduce(0) { $0 + $1.target }
    let batch =
      Double(training.batchSize) * (3 * Double(cropSamples) + Double(cropFrames) * targets)
    return 4 * (predicted * width + whole + batch)
  }
}
