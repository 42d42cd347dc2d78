import Files
import Foundation
import Models
import Settings
import Tensor

/// Masked pre-training: a model that predicts masked frames, what masks and mixes its crops, and its averaged
/// teacher.
public struct MaskedPretraining: Learner {
  /// The numbers of a recipe that decide it, beside the encoder's.
  public struct Config: Sendable {
    /// What to predict.
    public var objective: Objective
    /// Which frames.
    public var mask: MaskSetting
    /// What to mix in, if anything.
    public var mixing: BatchMixing.Config?
    /// The averaged teacher, if the objective has a regression.
    public var teacher: EMATeacher.Config?
    /// How many codes each label set has.
    public var codebooks: [Int]
    /// Frames of a crop, `T`.
    public var frames: Int
    /// Decides everything random.
    public var seed: UInt64

    /// All of them.
    public init(
      objective: Objective, mask: MaskSetting, mixing: BatchMixing.Config? = nil,
      teacher: EMATeacher.Config? = nil, codebooks: [Int], frames: Int, seed: UInt64
    ) {
      (self.objective, self.mask, self.mixing) = (objective, mask, mixing)
      (self.teacher, self.codebooks) = (teacher, codebooks)
      (self.frames, self.seed) = (frames, seed)
    }
  }

  private let config: Config
  private let mask: any FrameMask
  private let mixing: BatchMixing?
  /// Over the codes that steps compute, by the name of the head that predicts them.
  private var watches: [String: TokenWatch] = [:]
  /// The student.
  public private(set) var model: PretrainingModel
  /// data2vec's teacher.
  public private(set) var teacher: EMATeacher?

  /// A learner of a model, whose parameters become leaves.
  /// - Throws: `MaskingError`, `MixingError` or `EMAError` if the numbers do not fit together.
  public init(_ config: Config, model: PretrainingModel) throws {
    self.config = config
    mask = try config.mask.mask(frameRate: model.encoder.config.frameRate)
    mixing = try config.mixing.map { try BatchMixing($0) }
    self.model = model
    self.model.trackGradients()
    for case let head as any WatchedHeadSetting in config.objective.heads {
      watches[type(of: head).name] = TokenWatch(head.watchedCodes)
    }
    teacher = try config.teacher.map { try EMATeacher($0, student: model.encoder) }
  }

  /// The encoder as it is now.
  public var encoder: any Encoder { model.encoder }

  /// The encoder as it is now.
  public var probedEncoder: (any Encoder)? { model.encoder }

  /// The parameters of `model`, under its paths.
  public mutating func visit(_ visitor: inout some ParameterVisitor) { model.visit(&visitor) }

  /// The frames to predict, or all frames if the unmasked ones count too: every frame weighs the same.
  ///
  /// Source: fairseq `trainer.py`, sample sizes.
  public func weight(of samples: Range<Int>, step: Int) throws -> Int {
    weight(of: try masked(Array(samples), step: step))
  }

  /// The loss of the masked frames of crops, mixed if the recipe has `mixing`.
  /// - Throws: `MaskingError` or `MixingError` if crops are too short for the recipe, `EMAError` if the teacher
  ///   has collapsed, `TokenError` if codes have.
  public func loss(of batch: Batch, in pass: ForwardPass) throws -> Loss {
    for (_, watch) in watches.sorted(by: { $0.key < $1.key }) { try watch.check() }
    let mixed = try mixing?.mixed(
      batch.audio, seed: config.seed, step: pass.step, samples: batch.samples)
    pass.record.insert(.batchStatistics)
    var loss = try loss(
      of: batch, hearing: mixed, masked: masked(batch.samples, step: pass.step),
      samples: batch.samples, in: pass)
    loss.observe(pass.batchStatistics)
    return loss
  }

  private func loss(
    of batch: Batch, hearing mixed: Tensor? = nil, masked: MaskedFrames, samples: [Int],
    in pass: ForwardPass
  ) throws -> Loss {
    guard let multi = config.mask.multi, let teacher else {
      return try model.loss(batch, hearing: mixed, masked: masked, teacher: teacher, in: pass)
    }
    let views = MaskedViews(
      masked, each: multi.masks, width: encoder.config.width, seed: config.seed, step: pass.step,
      samples: samples)
    return try model.loss(batch, hearing: mixed, of: views, teacher: teacher, in: pass)
  }

  /// The loss of the masked frames of clean crops, against the targets of the teacher of now if there is an averaged one.
  /// A batch weighs as much as it has frames to predict.
  public func heldOutLoss(
    of batch: Batch, samples: Range<Int>, step: Int, precision: Precision
  ) throws -> (loss: Loss, weight: Int) {
    let masked = try masked(Array(samples), step: 0, for: .validation)
    let loss = try loss(
      of: batch, masked: masked, samples: Array(samples), in: .evaluating(precision: precision))
    return (loss, weight(of: masked))
  }

  private func weight(of masked: MaskedFrames) -> Int {
    config.objective.unmaskedWeight > 0 ? masked.rows * masked.frames : masked.count
  }

  private func masked(
    _ samples: [Int], step: Int, for purpose: RandomPurpose = .masking
  ) throws -> MaskedFrames {
    try mask.draw(
      rows: samples.count, frames: config.frames, seed: config.seed, step: step, samples: samples,
      for: purpose)
  }

  /// The encoder's batch norms take what the batches measured, the teacher follows the student, and the watches over
  /// codes count how varied they were.
  public mutating func follow(step: Int, observing observations: [[String: Tensor]]) {
    for batch in observations { model.encoder.updateStatistics(from: batch.batchStatistics) }
    teacher?.follow(model.encoder, step: step)
    for name in watches.keys { watches[name]?.follow(observations) }
  }

  /// The averaged parameters, as `teacher`, and the state of each watch over codes, as `tokens`, by the name of its head.
  public var companions: [String: [String: Tensor]] {
    var all = watches.mapValues(\.state)
    all["teacher"] = teacher?.state
    return all
  }

  /// Only tokens were watched.
  public var laterCompanions: Set<String> {
    Set(watches.keys).subtracting([TokenPrediction.Config.name])
  }

  /// - Throws: `ModelError.tensors` if the averaged parameters are not those of this teacher, or a watch has other
  ///   codebooks.
  public mutating func restore(companions: [String: [String: Tensor]]) throws {
    try teacher?.restore(companions["teacher"] ?? [:])
    for name in watches.keys {
      let isLater = laterCompanions.contains(name) && companions[name] == nil
      if !isLater { try watches[name]?.restore(companions[name] ?? [:]) }
    }
  }
}

// MARK: - Before the first step

extension MaskedPretraining {
  /// Fits the heads to crops of the collection, before the first step.
  ///
  /// - Parameter targets: What the `CropTarget`s computed, by the name of the head, `[N, W]`.
  /// - Throws: `TokenError` if there is nothing to predict.
  public mutating func fitHeads(to targets: [String: Tensor]) throws {
    try model.fitHeads(to: targets, seed: config.seed)
  }
}

extension MaskedPretraining {
  /// Writes the encoder as Hugging Face reads it (`config.json`, `model.safetensors`), and `heads.safetensors`.
  public func publish(to folder: URL) throws {
    try model.encoder.save(to: folder)
    try model.keptHeads.write(to: Self.heads(of: folder))
  }

  /// Goes on from what `publish` wrote.
  public mutating func restore(from folder: URL) throws {
    try model.restore(
      encoder: type(of: model.encoder).load(folder),
      heads: SafeTensors.finiteTensors(contentsOf: Self.heads(of: folder)))
  }

  private static func heads(of folder: URL) -> URL {
    folder.appendingPathComponent("heads.safetensors")
  }

  /// Begins with trained parameters instead of those of `init`.
  /// - Throws: `ModelError.tensors` if they are not those of this model.
  public mutating func begin(with heads: PretrainingHeads) throws {
    let isPlain = config.objective.codes?.specialSymbols == 0
    try model.restore(
      encoder: model.encoder, heads: (isPlain ? heads.withoutSymbols() : heads).tensors)
  }
}

// MARK: - Batch norms

extension Loss {
  /// Observes what the batch norms of a pass measured, as `norms.<number>.mean` and `norms.<number>.variance`.
  fileprivate mutating func observe(_ measured: [BatchStatistics]) {
    for (number, statistics) in measured.enumerated() {
      observations["norms.\(number).mean"] = statistics.mean
      observations["norms.\(number).variance"] = statistics.variance
    }
  }
}

extension [String: Tensor] {
  /// What a loss observed of the batch norms, in their order.
  fileprivate var batchStatistics: [BatchStatistics] {
    var (all, number): ([BatchStatistics], Int) = ([], 0)
    while let mean = self["norms.\(number).mean"],
      let variance = self["norms.\(number).variance"]
    {
      all.append(BatchStatistics(mean: mean, variance: variance))
      number += 1
    }
    return all
  }
}
