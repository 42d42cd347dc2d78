import Tensor

/// One run of a model over one batch: what is random in it, and what it remembers.
///
/// Nothing here is global: two passes of a student and its teacher do not know of each other. All
/// draws depend on seed, step, sample and the place in the model alone, never on the order of
/// threads.
public final class ForwardPass {
  /// What a pass is for.
  public enum Mode: Sendable {
    /// Dropout and layer drop are active.
    case training
    /// The model as a fixed function.
    case evaluating
  }

  /// Values inside the model that a pass can keep.
  public struct Record: OptionSet, Sendable {
    /// The bits of the set.
    public let rawValue: Int
    /// A set of these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// What enters the first transformer layer and what leaves each of them.
    public static let hiddenStates = Record(rawValue: 1)
    /// The last linear map of each layer's feed-forward block, before dropout, residual and norm:
    /// what data2vec's teacher averages.
    public static let feedForwardOutputs = Record(rawValue: 2)
    /// What each batch norm measured in a training pass.
    public static let batchStatistics = Record(rawValue: 4)
  }

  /// What the pass is for.
  public let mode: Mode
  /// Seed of the run.
  public let seed: UInt64
  /// The optimiser's step.
  public let step: Int
  /// The number of each row of the batch within the step, counted over all machines.
  public let samples: [Int]
  /// What it computes in.
  public let precision: Precision
  /// How many frames of each row are audio rather than padding; nil if all are.
  public let lengths: [Int]?
  /// What is kept. Who runs the pass may ask for more before it begins.
  public var record: Record
  /// The layer whose output ends the encoder, counted from 1, or 0 for what enters the first; nil for all
  /// layers and the norm after the last. The encoder then returns this hidden state and computes none above.
  public let lastLayer: Int?
  /// Whether a transformer layer keeps nothing but its input, and is computed again in the backward
  /// pass: a third more work for a fraction of the memory.
  public let recomputesLayers: Bool

  /// The frames of the encoder's result that the caller reads, as rows of `[B·T, D]`, all different; nil for
  /// all. The feed-forward block of the last layer maps these alone, and the other frames of the result
  /// mean nothing. Values and gradients of the frames that are read, dropout included, are those of a pass
  /// that computes all.
  public var outputFrames: [Int]?
  /// Whether the layer that runs is the last of its stack.
  var isInLastLayer = false

  /// With `.hiddenStates`: `layers + 1` tensors `[B, T, D]`, the first entering the first layer,
  /// then one from each, up to `lastLayer`. A dropped layer repeats the one before it.
  public private(set) var hiddenStates: [Tensor] = []
  /// With `.feedForwardOutputs`: one tensor `[B, T, D]` for each layer that ran.
  public private(set) var feedForwardOutputs: [Tensor] = []

  /// With `.batchStatistics`: those of each batch norm, in the order in which a training pass met them.
  public private(set) var batchStatistics: [BatchStatistics] = []

  private var sites = 0
  /// The frames of `[B, T, D]` that a block maps alone, while it does; each with its row of the batch.
  private var mapped: [(row: Int, frame: Int)]?

  private init(
    mode: Mode, precision: Precision, seed: UInt64, step: Int, samples: [Int], lengths: [Int]?,
    record: Record, lastLayer: Int? = nil, recomputesLayers: Bool
  ) {
    (self.mode, self.seed, self.step, self.samples) = (mode, seed, step, samples)
    (self.precision, self.lengths, self.record) = (precision, lengths, record)
    (self.lastLayer, self.recomputesLayers) = (lastLayer, recomputesLayers)
  }

  /// A pass with dropout and layer drop.
  public static func training(
    seed: UInt64, step: Int, samples: [Int], precision: Precision = .fp32, lengths: [Int]? = nil,
    keeping record: Record = [], recomputingLayers: Bool = false
  ) -> ForwardPass {
    ForwardPass(
      mode: .training, precision: precision, seed: seed, step: step, samples: samples,
      lengths: lengths, record: record, recomputesLayers: recomputingLayers)
  }

  /// A pass with dropout and layer drop over one batch of one machine, whose rows are numbered from 0.
  ///
  /// - Parameters:
  ///   - seed: The seed of the run.
  ///   - step: The optimiser's step; another step draws other dropout.
  ///   - rows: Rows of the batch, `B`.
  ///   - precision: What the pass computes in.
  public static func training(
    seed: UInt64, step: Int, rows: Int, precision: Precision = .fp32
  ) -> ForwardPass {
    training(seed: seed, step: step, samples: Array(0..<rows), precision: precision)
  }

  /// A pass without anything random.
  ///
  /// - Parameters:
  ///   - precision: What the pass computes in.
  ///   - lengths: How many frames of each row are audio rather than padding; nil if all are.
  ///   - record: What is kept.
  ///   - lastLayer: The layer whose output ends the encoder, counted from 1; nil for all.
  public static func evaluating(
    precision: Precision = .fp32, lengths: [Int]? = nil, keeping record: Record = [],
    endingAt lastLayer: Int? = nil
  ) -> ForwardPass {
    ForwardPass(
      mode: .evaluating, precision: precision, seed: 0, step: 0, samples: [], lengths: lengths,
      record: record, lastLayer: lastLayer, recomputesLayers: false)
  }

  /// Another pass that goes on from here and draws the same, but keeps no values.
  func replayed() -> ForwardPass {
    let pass = ForwardPass(
      mode: mode, precision: precision, seed: seed, step: step, samples: samples,
      lengths: lengths, record: [], recomputesLayers: false)
    (pass.sites, pass.outputFrames, pass.isInLastLayer) = (sites, outputFrames, isInLastLayer)
    return pass
  }

  /// A pass over several views of each row, which goes on from here. Each view drops values of its own.
  ///
  /// - Parameter views: Views of each row, which follow each other in its batch.
  /// - Traps when: rows have padding.
  public func repeated(_ views: Int) -> ForwardPass {
    precondition(lengths == nil, "repeated: rows with padding have no views")
    let numbers = samples.flatMap { sample in (0..<views).map { sample &* views &+ $0 } }
    let pass = ForwardPass(
      mode: mode, precision: precision, seed: seed, step: step, samples: numbers, lengths: nil,
      record: record, lastLayer: lastLayer, recomputesLayers: recomputesLayers)
    pass.sites = sites
    return pass
  }

  /// Whether dropout and layer drop are active.
  public var isTraining: Bool { mode == .training }
}

extension ForwardPass {
  /// `x` with a share of its values set to zero and the rest scaled up; `x` itself if evaluating.
  /// - Parameters:
  ///   - x: One row per sample of the batch on its first axis.
  ///   - probability: Of zeroing a value, `0..<1`.
  public func dropout(_ x: Tensor, probability: Float) -> Tensor {
    guard let mask = dropoutMask(probability: probability) else { return x }
    return x.dropout(mask)
  }

  /// The mask of the next place in the model that drops values; nil if none are dropped.
  public func dropoutMask(probability: Float) -> DropoutMask? {
    guard isTraining, probability > 0 else { return nil }
    defer { sites += 1 }
    return DropoutMask(
      probability: probability, seed: seed, step: step, site: sites,
      samples: mapped?.map { samples[$0.row] } ?? samples, frames: mapped?.map(\.frame))
  }

  /// What a block makes of the frames `[B, T, D]`, one by one. In the last layer it makes nothing of the frames
  /// that nobody reads (`outputFrames`), which are zeros in the result.
  ///
  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - block: Maps each frame alone, `[..., D] -> [..., D]`.
  /// - Returns: `[B, T, D]`
  public func mappingReadFrames(of x: Tensor, _ block: (Tensor) -> Tensor) -> Tensor {
    guard isInLastLayer, let rows = outputFrames else { return block(x) }
    let (count, width) = (x.shape[0] * x.shape[1], x.shape[2])
    mapped = rows.map { (row: $0 / x.shape[1], frame: $0 % x.shape[1]) }
    defer { mapped = nil }
    return block(x.reshaped([count, width]).gatheringRows(rows)).placingRows(at: rows, of: count)
      .reshaped(x.shape)
  }

  /// Whether this step leaves out a layer: one draw per layer for the whole batch, on every machine
  /// the same.
  public func drops(layer: Int, probability: Float) -> Bool {
    guard isTraining, probability > 0 else { return false }
    var stream = RandomStream(seed: seed, purpose: .layerDrop, step: step, sample: layer)
    return Float.random(in: 0..<1, using: &stream) < probability
  }

  /// Keeps what enters the first layer, or leaves one, if the pass is to.
  public func keep(hiddenState x: Tensor) {
    if record.contains(.hiddenStates) { hiddenStates.append(x) }
  }

  /// Keeps what a layer's feed-forward block made, if the pass is to.
  public func keep(feedForwardOutput x: Tensor) {
    if record.contains(.feedForwardOutputs) { feedForwardOutputs.append(x) }
  }

  /// Keeps what a batch norm measured, if the pass is to.
  func keep(batchStatistics statistics: @autoclosure () -> BatchStatistics) {
    if record.contains(.batchStatistics) { batchStatistics.append(statistics()) }
  }
}
