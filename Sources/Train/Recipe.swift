import Foundation
import Models
import Pretrain
import Tensor

/// All the numbers of one pre-training, as a recipe file holds them.
public struct Recipe: Configuration {
  /// What the run is called in folders and reports.
  public var name = "unnamed"
  /// Decides everything random.
  public var seed = 1337
  /// The model.
  public var encoder = AudioEncoder.Config()
  /// What the model hears.
  public var data = CropSampler.Config()
  /// Which frames it has to predict.
  public var mask = SpanMask.Config()
  /// Noise from the batch's other crops, if any.
  public var mixing: BatchMixing.Config?
  /// What it has to predict of them.
  public var objective = Objective()
  /// Who says what is right.
  public var teacher = Teachers()
  /// How it learns.
  public var optimizer = AdamW.Config()
  /// How fast.
  public var schedule = Schedule.Config()
  /// How long.
  public var training = Training()

  /// A recipe without an objective.
  public init() {}

  /// The length of a run.
  public struct Training: Configuration {
    /// Optimiser steps.
    public var steps = 400_000
    /// Crops that go through the model at once.
    public var batchSize = 8
    /// Batches whose gradients add up to one update: the crops of an update are
    /// `batchSize · accumulation`, in the memory of `batchSize`. What several GPUs do at once, fairseq's
    /// `update_freq` included.
    public var accumulation = 1
    /// What a step computes in.
    public var precision = Precision.fp32
    /// Steps between two lines of the log.
    public var logEvery = 10
    /// Steps between two checkpoints.
    public var checkpointEvery = 5_000
    /// How many of the latest checkpoints stay.
    public var keepCheckpoints = 2
    /// Whether a transformer layer is computed again in the backward pass instead of keeping its inner
    /// values: a third more work, the same bits, a fraction of the memory.
    public var activationCheckpointing = false
    /// A base recipe's numbers.
    public init() {}
  }

  /// Checks that the parts fit together.
  /// - Throws: `RunError.recipe`, or `ModelError.setting` for the encoder.
  public func validate() throws {
    try encoder.validate()
    try encoder.checkWritable()
    try validateTeachers()
    try require(
      objective.codes != nil || objective.cqt != nil || objective.regression != nil,
      "no objective: add objective.codes, objective.cqt or objective.regression")
    try require(
      (objective.codes != nil) == !teacher.codebooks.isEmpty,
      "objective.codes belongs together with teacher.kmeans or teacher.rvq: set both or neither")
    try require(
      (objective.regression != nil) == (teacher.ema != nil),
      "objective.regression and teacher.ema belong together: set both or neither")
    try validateWeights()
    try validateNumbers()
  }

  private func validateWeights() throws {
    let (masked, unmasked) = (objective.maskedWeight, objective.unmaskedWeight)
    try require(
      masked >= 0 && unmasked >= 0 && masked.isFinite && unmasked.isFinite && masked + unmasked > 0,
      "objective: maskedWeight and unmaskedWeight must not be negative, nor both 0; they are "
        + "\(masked) and \(unmasked)")
    try require(
      unmasked == 0 || objective.codes != nil || objective.cqt != nil,
      "objective.unmaskedWeight: has no effect on a regression; leave it out")
  }

  private func validateNumbers() throws {
    let counts = [
      ("training.steps", training.steps), ("training.batchSize", training.batchSize),
      ("training.accumulation", training.accumulation),
      ("training.logEvery", training.logEvery),
      ("training.checkpointEvery", training.checkpointEvery),
      ("training.keepCheckpoints", training.keepCheckpoints),
    ]
    for (name, value) in counts {
      try require(value > 0, "\(name): must be at least 1, is \(value)")
    }
    try require(seed >= 0, "seed: must not be negative, is \(seed)")
    try require(
      schedule.peakRate > 0 && schedule.peakRate.isFinite,
      "schedule.peakRate: must be above 0, is \(schedule.peakRate)")
    try require(
      schedule.warmupSteps >= 0 && schedule.decaySteps >= 0,
      "schedule: warmupSteps and decaySteps must not be negative")
    try require(
      cropFrames > 0,
      "data.cropSeconds: \(data.cropSeconds) s is shorter than one frame of the encoder")
    try validateSpectrum()
  }

  /// What the constant-Q transform would trap on.
  private func validateSpectrum() throws {
    guard let bins = objective.cqt?.bins else { return }
    try require(
      bins >= 7 && bins % 7 == 0,
      "objective.cqt.bins: must be a multiple of 7, for seven octaves, is \(bins)")
    let highest = 32.7 * pow(2, 7 - 7 / Double(bins))
    try require(
      highest <= Double(encoder.sampleRate) / 2,
      "objective.cqt: its highest bin lies at \(Int(highest)) Hz, above half of "
        + "encoder.sampleRate \(encoder.sampleRate); raise that")
  }

  /// Frames of one crop, `T`.
  public var cropFrames: Int {
    guard data.cropSeconds.isFinite, (0..<100_000).contains(data.cropSeconds) else { return 0 }
    return encoder.frameCount(samples: cropSamples)
  }

  /// Crops of one update.
  public var cropsPerStep: Int { training.batchSize * training.accumulation }

  /// Samples of one crop.
  public var cropSamples: Int { Int((data.cropSeconds * Double(encoder.sampleRate)).rounded()) }

  private func require(_ holds: Bool, _ reason: @autoclosure () -> String) throws {
    if !holds { throw RunError.recipe(name, reason: reason()) }
  }
}
