import Foundation
import MelModels
import Models
import Optimisation
import Pretrain
import Settings
import Tensor

/// All the numbers of one pre-training, as a recipe file holds them.
public struct Recipe: NamedByFile {
  /// Name of the run, in folders and reports.
  public var name = "unnamed"
  /// Seed of everything random: weights, crops, masks, mixing, dropout, clusters.
  public var seed = 1337
  /// The model: a convolutional front end and a transformer.
  public var encoder = AudioEncoder.Config()
  /// A model over mel or constant-Q frames in place of `encoder`: a front end and a Conformer. The mean and deviation
  /// of its input are measured on the collection before the first step.
  public var melEncoder: MelEncoder.Config?
  /// The crops of audio that the model is trained on.
  public var data = CropSampler.Config()
  /// Which frames are masked, so that the model predicts them.
  public var mask = MaskSetting()
  /// Noise mixing: pieces of the batch's other crops are added to a crop.
  public var mixing: BatchMixing.Config?
  /// What the model predicts, and the weights of the terms of the loss.
  public var objective = Objective()
  /// The teachers, which compute what the model is to predict.
  public var teacher = Teachers()
  /// The optimiser, AdamW.
  public var optimizer = AdamW.Config()
  /// The learning rate over the run.
  public var schedule = Schedule.Config()
  /// The length of the run, the batch, the log and the checkpoints.
  public var training = Training()
  /// Held-out files, on which the model is validated while it trains.
  public var validation: Validation?

  /// A recipe without an objective.
  public init() {}

  /// The length of a run.
  public struct Training: Configuration {
    /// Length of the run, in steps; each updates the parameters once.
    public var steps = 400_000
    /// Size of a batch, in crops, which go through the model at once.
    public var batchSize = 8
    /// Number of batches whose gradients are added up for one update. The update has `batchSize · accumulation`
    /// crops, in the memory of `batchSize`: those of several GPUs at once, and of fairseq's `update_freq`.
    public var accumulation = 1
    /// The numbers that a step computes with.
    public var precision = Precision.fp32
    /// Distance between two lines of the log, in steps; the first and the last step have a line in any case.
    public var logEvery = 10
    /// Whether the numbers of the log are also written as events for TensorBoard, into the run's folder.
    public var tensorBoard = true
    /// Distance between two checkpoints, in steps.
    public var checkpointEvery = 5_000
    /// Greatest time between two checkpoints, in minutes, also inside a step of many batches; 0 writes them by steps
    /// alone.
    public var checkpointMinutes = 30.0
    /// Number of the latest checkpoints that are kept.
    public var keepCheckpoints = 2
    /// Distance between two checkpoints that are kept for good, in steps; `null` keeps none for good.
    public var keepEvery: Int?
    /// Whether the backward pass computes each transformer layer again instead of keeping its inner values: a
    /// third more work, the same bits, a fraction of the memory.
    public var activationCheckpointing = false
    /// Moving average of the weights, which validation and probes evaluate in place of the weights themselves. Each
    /// checkpoint holds it as a model in a folder of its own, `averaged`.
    public var averaging: WeightAveraging?
    /// Replicas that train by themselves and are joined from time to time (DiLoCo), for slow networks.
    public var local: LocalSteps?
    /// A base recipe's numbers.
    public init() {}

    /// Whether a line of the log ends with this step. The first shows at once whether codes are used, and where the
    /// losses begin.
    func logs(_ step: Int) -> Bool { step == 1 || step % logEvery == 0 || step == steps }

    /// The most steps of a run. With as many crops a step as there may be, all of them can be counted.
    public static let mostSteps = Schedule.Config.mostSteps
    /// The most minutes between two checkpoints: a year.
    public static let mostMinutes = 527_040.0
    /// The most crops at once, and the most batches in a step.
    public static let mostCrops = 65_536

    /// Counts from 1 on.
    public func validate() throws(InvalidSetting) {
      try require("steps", steps, in: 1...Self.mostSteps)
      try require("batchSize", batchSize, in: 1...Self.mostCrops)
      try require("accumulation", accumulation, in: 1...Self.mostCrops)
      try require("logEvery", logEvery, in: 1...Self.mostSteps)
      try require("checkpointEvery", checkpointEvery, in: 1...Self.mostSteps)
      try require("checkpointMinutes", checkpointMinutes, in: 0...Self.mostMinutes)
      try require("keepCheckpoints", keepCheckpoints, in: 1...Self.mostSteps)
      if let keepEvery { try require("keepEvery", keepEvery, in: 1...Self.mostSteps) }
      if let local { try validate(local) }
    }

    /// That replicas have equal parts of each step, and are one model whenever somebody looks.
    private func validate(_ local: LocalSteps) throws(InvalidSetting) {
      try require(
        accumulation % local.replicas == 0, "accumulation",
        "is \(accumulation), and local.replicas are \(local.replicas), which share the batches of a step equally; set "
          + "it to a multiple",
        against: ["local.replicas"])
      try require(
        averaging == nil, "averaging", "is not for the replicas of local; leave one of them out",
        against: ["local"])
      let times = [
        ("steps", steps), ("checkpointEvery", checkpointEvery), ("keepEvery", keepEvery ?? 0),
      ]
      for (name, every) in times {
        try require(
          every % local.steps == 0, name,
          "is \(every), when replicas are not joined, as they are every local.steps \(local.steps); set it to a multiple",
          against: ["local.steps"])
      }
    }
  }

  /// The encoder that is trained: `melEncoder` if it is given, else `encoder`.
  public var chosenEncoder: any EncoderConfiguration { melEncoder ?? encoder }

  /// Which of the two settings has it.
  var encoderSetting: String { melEncoder == nil ? "encoder" : "melEncoder" }

  /// Frames of one crop, `T`; 0 if it is shorter than one.
  public var cropFrames: Int { chosenEncoder.frameCount(samples: cropSamples) }

  /// Crops of one update.
  public var cropsPerStep: Int { training.batchSize * training.accumulation }

  /// Samples of one crop.
  public var cropSamples: Int {
    Int((data.cropSeconds * Double(chosenEncoder.sampleRate)).rounded())
  }
}
