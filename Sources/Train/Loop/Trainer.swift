import Models
import Pretrain
import Tensor

/// A model in training: everything that one optimiser step reads and changes.
///
/// A step is a function of this state and its number; nothing else is random. That is why a resumed
/// run equals an uninterrupted one bit for bit.
public struct Trainer {
  /// What a step did.
  public struct Outcome: Sendable {
    /// The loss before the update.
    public var loss: Float
    /// Its parts.
    public var terms: [String: Float]
    /// The rate of the update.
    public var learningRate: Float
    /// The gradient norm before clipping; the update was left out if it is not finite.
    public var gradientNorm: Float
  }

  private let recipe: Recipe
  private let loader: BatchLoader
  private let mask: SpanMask
  private let mixing: BatchMixing?
  private let schedule: Schedule
  /// The student.
  public internal(set) var model: PretrainingModel
  var optimizer: AdamW
  var teacher: EMATeacher?
  /// Steps made so far.
  public internal(set) var step = 0

  /// An untrained model and its data.
  ///
  /// - Parameters:
  ///   - codebooks: How many codes each label set has.
  ///   - encoder: Where to begin instead of at random; of the recipe's shape.
  /// - Throws: If the recipe's parts do not fit together.
  public init(
    _ recipe: Recipe, sampler: CropSampler, codebooks: [Int],
    startingFrom encoder: AudioEncoder? = nil
  ) throws {
    try recipe.validate()
    try recipe.checkMemory()
    try recipe.training.precision.check()
    self.recipe = recipe
    loader = BatchLoader(sampler, steps: recipe.training.steps)
    mask = try SpanMask(recipe.mask)
    mixing = try recipe.mixing.map { try BatchMixing($0) }
    schedule = Schedule(recipe.schedule, steps: recipe.training.steps)
    var generator = RandomStream(seed: UInt64(recipe.seed), purpose: .initialisation)
    var start = try AudioEncoder(recipe.encoder, using: &generator)
    if let encoder { try start.begin(as: encoder, of: recipe) }
    model = PretrainingModel(
      encoder: start, objective: recipe.objective, codebooks: codebooks,
      using: &generator)
    model.trackGradients()
    optimizer = AdamW(recipe.optimizer, for: model)
    teacher = try recipe.teacher.ema.map { [model] in try EMATeacher($0, student: model.encoder) }
  }

  /// One optimiser step.
  /// - Throws: `MaskingError` or `MixingError` if crops are too short for the recipe, `EMAError` if the
  ///   teacher has collapsed, `AudioError` if a file cannot be decoded any more.
  public mutating func advance() throws -> Outcome {
    let batch = try loader.batch(step: step)
    let loss = try loss(of: batch)
    let rate = schedule.rate(at: step)
    let norm = optimizer.update(&model, along: loss.total.gradients(), rate: rate)
    step += 1
    teacher?.follow(model.encoder, step: step)
    return Outcome(
      loss: loss.total.scalar, terms: loss.terms, learningRate: rate, gradientNorm: norm)
  }

  private func loss(of batch: Batch) throws -> Loss {
    let seed = UInt64(recipe.seed)
    let audio =
      try mixing?.mixed(batch.audio, seed: seed, step: step, samples: batch.samples) ?? batch.audio
    let masked = try mask.draw(
      rows: batch.samples.count, frames: recipe.cropFrames, seed: seed, step: step,
      samples: batch.samples)
    let pass = ForwardPass.training(
      seed: seed, step: step, samples: batch.samples, precision: recipe.training.precision,
      recomputingLayers: recipe.training.activationCheckpointing)
    return try model.loss(batch, hearing: audio, masked: masked, teacher: teacher, in: pass)
  }
}

extension AudioEncoder {
  /// Takes over the parameters of a trained model. What concerns training alone, dropout and the
  /// scale of gradients, stays the recipe's.
  fileprivate mutating func begin(as model: AudioEncoder, of recipe: Recipe) throws {
    var theirs = model.config
    (theirs.inputDropout, theirs.dropout) = (config.inputDropout, config.dropout)
    (theirs.attentionDropout, theirs.layerDrop) = (config.attentionDropout, config.layerDrop)
    theirs.activationDropout = config.activationDropout
    theirs.frontEnd.gradientScale = config.frontEnd.gradientScale
    if let setting = try RecipeFile.differences(config, theirs).first {
      throw RunError.recipe(
        recipe.name,
        reason: "encoder.\(setting.path) is \(setting.a ?? "unset"), but "
          + "\(setting.b ?? "unset") in the model to begin with; make them equal")
    }
    try load(Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.tensor) }))
  }
}
