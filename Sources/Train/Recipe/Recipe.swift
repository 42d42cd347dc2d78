import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor

/// All the numbers of one pre-training, as a recipe file holds them.
public struct Recipe: NamedByFile {
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

    /// The most steps of a run. With as many crops a step as there may be, all of them can be counted.
    public static let mostSteps = Schedule.Config.mostSteps
    /// The most crops at once, and the most batches in a step.
    public static let mostCrops = 65_536

    /// Counts from 1 on.
    public func validate() throws(InvalidSetting) {
      try require("steps", steps, in: 1...Self.mostSteps)
      try require("batchSize", batchSize, in: 1...Self.mostCrops)
      try require("accumulation", accumulation, in: 1...Self.mostCrops)
      try require("logEvery", logEvery, in: 1...Self.mostSteps)
      try require("checkpointEvery", checkpointEvery, in: 1...Self.mostSteps)
      try require("keepCheckpoints", keepCheckpoints, in: 1...Self.mostSteps)
    }
  }

  /// Frames of one crop, `T`; 0 if it is shorter than one.
  public var cropFrames: Int { encoder.frameCount(samples: cropSamples) }

  /// Crops of one update.
  public var cropsPerStep: Int { training.batchSize * training.accumulation }

  /// Samples of one crop.
  public var cropSamples: Int { Int((data.cropSeconds * Double(encoder.sampleRate)).rounded()) }
}
