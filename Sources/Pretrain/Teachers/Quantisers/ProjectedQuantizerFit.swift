import Models
import Optimisation
import Tensor

/// A `ProjectedQuantizer` in training: its parameters, Adam's moments, and the ages of its codes.
///
/// ```swift
/// var fit = try ProjectedQuantizerFit(to: frames, config, seed: 1)
/// while fit.step < config.steps { try fit.advance() }
/// ```
///
/// Adam has PyTorch's numbers (0.9, 0.999, 1e-8) and a constant rate; nothing decays or is clipped. A step is a
/// function of this state and its number, on any number of threads.
public struct ProjectedQuantizerFit {
  /// As it is now.
  public private(set) var quantizer: ProjectedQuantizer
  /// Steps made so far.
  public private(set) var step = 0
  private let config: ProjectedQuantizer.Config
  private let frames: Tensor
  private let seed: UInt64
  private var optimizer: AdamW
  private var ages: [StaleCodes]

  /// An untrained quantiser of these frames, with their whitening.
  ///
  /// - Parameters:
  ///   - frames: `[N, D]`
  ///   - config: The numbers of the quantiser and of its training.
  ///   - whitening: How the frames are brought to mean 0 and variance 1.
  ///   - seed: Decides weights and batches.
  /// - Throws: `QuantizerError` for too few frames, frames that are not finite, or frames that are all equal.
  /// - Traps when: `frames` has not two axes, or no channels.
  public init(
    to frames: Tensor, _ config: ProjectedQuantizer.Config,
    whitening: WhiteningKind = .global, seed: UInt64
  ) throws(QuantizerError) {
    try QuantizerError.check(frames, codes: config.codes)
    var statistics = Whitening(whitening, width: frames.shape[1])
    try statistics.fit(to: frames)
    var stream = RandomStream(seed: seed, purpose: .initialisation, sample: 1)
    let quantizer = ProjectedQuantizer(config, statistics: statistics, using: &stream)
    self.init(of: quantizer, on: frames, config, seed: seed)
  }

  /// Goes on with a quantiser, with moments of 0.
  public init(
    of quantizer: ProjectedQuantizer, on frames: Tensor, _ config: ProjectedQuantizer.Config,
    seed: UInt64
  ) {
    (self.quantizer, self.config) = (quantizer, config)
    (self.frames, self.seed) = (frames.detached(), seed)
    self.quantizer.trackGradients()
    var adam = AdamW.Config()
    (adam.beta2, adam.epsilon, adam.weightDecay, adam.clipNorm) = (0.999, 1e-8, 0, 0)
    optimizer = AdamW(adam, for: self.quantizer)
    ages = quantizer.codebookSizes.map { StaleCodes(codes: $0) }
  }

  /// What a step computed before it changed the parameters.
  public struct Outcome {
    /// What is minimised.
    public var loss: Float
    /// `mean |x - x̂|`
    public var reconstruction: Float
    /// The codes of each level.
    public var codes: [[Int32]]
  }

  /// One step on a batch of its own.
  /// - Throws: `QuantizerError.diverged`.
  @discardableResult public mutating func advance() throws(QuantizerError) -> Outcome {
    var stream = RandomStream(seed: seed, purpose: .clustering, step: step)
    let rows = (0..<config.batchFrames).map { _ in
      Int.random(in: 0..<frames.shape[0], using: &stream)
    }
    return try advance(on: frames.gatheringRows(rows))
  }

  /// One step on frames `[n, D]`.
  /// - Throws: `QuantizerError.diverged`.
  @discardableResult public mutating func advance(
    on batch: Tensor
  ) throws(QuantizerError) -> Outcome {
    let blocks = blocks(of: batch)
    var gradients = Gradients()
    for block in blocks { gradients.add(block.gradients) }
    let outcome = outcome(of: blocks)
    let norms = optimizer.update(&quantizer, along: gradients, rate: config.learningRate)
    guard outcome.loss.isFinite, norms.total.isFinite else { throw .diverged(step: step) }
    replaceStaleCodes(outcome.codes, blocks)
    step += 1
    return outcome
  }

  /// Some frames of a batch.
  private struct Block {
    let losses: ProjectedQuantizer.Losses
    let gradients: Gradients
    /// Its share of the batch.
    let share: Float
  }

  private func blocks(of batch: Tensor) -> [Block] {
    batch.mapBlocks { block in
      let losses = quantizer.losses(of: block, config)
      let share = Float(block.shape[0]) / Float(batch.shape[0])
      return Block(losses: losses, gradients: (losses.total * share).gradients(), share: share)
    }
  }

  private func outcome(of blocks: [Block]) -> Outcome {
    let codes = quantizer.levels.indices.map { level in blocks.flatMap { $0.losses.codes[level] } }
    return Outcome(
      loss: blocks.reduce(0) { $0 + $1.share * $1.losses.total.scalar },
      reconstruction: blocks.reduce(0) { $0 + $1.share * $1.losses.reconstruction.scalar },
      codes: codes)
  }

  private mutating func replaceStaleCodes(_ codes: [[Int32]], _ blocks: [Block]) {
    for level in codes.indices {
      ages[level].count(codes[level])
      let stale = ages[level].takeStale(after: config.staleSteps)
      guard !stale.isEmpty else { continue }
      var stream = RandomStream(
        seed: seed, purpose: .clustering, step: step, sample: 1 + level)
      let rows = stale.map { _ in Int.random(in: 0..<codes[level].count, using: &stream) }
      let projected = blocks.map { $0.losses.parts[level].projected.detached() }
      quantizer.levels[level].entries.replaceRows(
        stale, by: .concatenated(projected, axis: 0).gatheringRows(rows))
    }
  }
}

/// How long each code of a codebook has had no frame.
///
/// A code without a frame has no gradient, so Adam never moves it again. One that had none for some steps in a
/// row is replaced by a projected frame, which is its own nearest entry from then on.
///
/// Source: MuQ's trainer, whose rule counts one number for a whole codebook instead of one for each code, and
/// therefore replaces none.
struct StaleCodes {
  /// For each code the steps since its last frame.
  private(set) var ages: [Int]

  init(codes: Int) { ages = Array(repeating: 0, count: codes) }

  /// Counts a step with these codes.
  mutating func count(_ codes: [Int32]) {
    for code in ages.indices { ages[code] += 1 }
    for code in codes { ages[Int(code)] = 0 }
  }

  /// The codes that had no frame for this many steps in a row, whose ages begin anew.
  mutating func takeStale(after steps: Int) -> [Int] {
    let stale = ages.indices.filter { ages[$0] >= steps }
    for code in stale { ages[code] = 0 }
    return stale
  }
}

extension Tensor {
  /// Replaces the rows of these numbers, in place.
  fileprivate mutating func replaceRows(_ numbers: [Int], by others: Tensor) {
    let width = shape[1]
    others.read { new in
      update { rows in
        for (i, number) in numbers.enumerated() {
          for d in 0..<width { rows[number * width + d] = new[i * width + d] }
        }
      }
    }
  }
}

extension QuantizerError {
  /// That frames `[N, D]` are finite, and enough for so many codes.
  static func check(_ frames: Tensor, codes: Int) throws(QuantizerError) {
    precondition(
      frames.rank == 2 && frames.shape[1] > 0,
      "ProjectedQuantizerFit: expected frames [N, D], got \(frames.shape)")
    guard frames.shape[0] >= codes else {
      throw .tooFewFrames(frames: frames.shape[0], codes: codes)
    }
    guard let place = frames.firstNonFinite else { return }
    throw .notFinite(frame: place / frames.shape[1], channel: place % frames.shape[1])
  }
}
