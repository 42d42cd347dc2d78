import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import YAML

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
    /// The files that its crops were cut from, if something is not finite.
    public var files: [String] = []

    /// What of all these is NaN or infinite, `loss nan, codes nan`: the loss and its terms, or the gradients if
    /// those are finite; nil if nothing is.
    public var nonFinite: String? {
      let terms = terms.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      let all = [("loss", loss)] + terms + [("gradient norm", gradientNorm)]
      let bad = all.filter { !$0.1.isFinite }
      let losses = bad.filter { !$0.0.hasPrefix("gradient") && !$0.0.hasPrefix("unmasked.") }
      let named = (losses.isEmpty ? bad : losses).prefix(4)
      return bad.isEmpty
        ? nil : named.map { "\($0) \($1.isNaN ? "nan" : "\($1)")" }.joined(separator: ", ")
    }
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
  ///   - heads: Where its heads begin instead of at random.
  /// - Throws: If the recipe's parts do not fit together, or the heads do not fit the recipe.
  public init(
    _ recipe: Recipe, sampler: CropSampler, codebooks: [Int],
    startingFrom encoder: AudioEncoder? = nil, heads: PretrainingHeads? = nil
  ) throws {
    try recipe.check()
    try recipe.checkMachine()
    self.recipe = recipe
    loader = BatchLoader(sampler, batches: recipe.training.steps * recipe.training.accumulation)
    mask = try SpanMask(recipe.mask)
    mixing = try recipe.mixing.map { try BatchMixing($0) }
    schedule = Schedule(recipe.schedule, steps: recipe.training.steps)
    var generator = RandomStream(seed: UInt64(recipe.seed), purpose: .initialisation)
    var start = try AudioEncoder(recipe.encoder, using: &generator)
    if let encoder { try start.begin(as: encoder, of: recipe) }
    model = PretrainingModel(
      encoder: start, objective: recipe.objective, codebooks: codebooks,
      using: &generator)
    if let heads { try model.begin(with: heads, of: recipe) }
    model.trackGradients()
    optimizer = AdamW(recipe.optimizer, for: model)
    teacher = try recipe.teacher.ema.map { [model] in try EMATeacher($0, student: model.encoder) }
  }

  /// One optimiser step.
  /// - Throws: `MaskingError` or `MixingError` if crops are too short for the recipe, `EMAError` if the
  ///   teacher has collapsed, `AudioError` if a file cannot be decoded any more.
  public mutating func advance() throws -> Outcome {
    var (sum, gradients) = (LossSum(), Gradients())
    let masks = try masks()
    let shares = shares(of: masks)
    for (i, masked) in masks.enumerated() {
      let batch = try loader.batch(step * recipe.training.accumulation + i)
      let loss = try loss(of: batch, masked: masked)
      sum.add(loss, share: shares[i])
      gradients.add((loss.total * shares[i]).gradients())
    }
    let rate = schedule.rate(at: step)
    let norms = optimizer.update(&model, along: gradients, rate: rate)
    step += 1
    teacher?.follow(model.encoder, step: step)
    var outcome = Outcome(
      loss: sum.total, terms: sum.terms.merging(norms.terms) { $1 }, learningRate: rate,
      gradientNorm: norms.total)
    if outcome.nonFinite != nil { outcome.files = loader.files(ofBatches: batches(of: step - 1)) }
    return outcome
  }

  /// The numbers of a step's batches.
  private func batches(of step: Int) -> Range<Int> {
    step * recipe.training.accumulation..<(step + 1) * recipe.training.accumulation
  }

  /// The frames to predict in each batch of this step.
  private func masks() throws -> [MaskedFrames] {
    try (0..<recipe.training.accumulation).map { i in
      let samples = recipe.samples(ofBatch: step * recipe.training.accumulation + i)
      return try mask.draw(
        rows: samples.count, frames: recipe.cropFrames, seed: UInt64(recipe.seed), step: step,
        samples: Array(samples))
    }
  }

  /// What each batch weighs in the update: its share of the frames that are predicted, so that every
  /// frame weighs the same. Source: fairseq `trainer.py`, sample sizes.
  private func shares(of masks: [MaskedFrames]) -> [Float] {
    let counts = masks.map { recipe.objective.unmaskedWeight > 0 ? $0.rows * $0.frames : $0.count }
    let total = Float(max(1, counts.reduce(0, +)))
    return counts.map { Float($0) / total }
  }

  private func loss(of batch: Batch, masked: MaskedFrames) throws -> Loss {
    let seed = UInt64(recipe.seed)
    let mixed = try mixing?.mixed(batch.audio, seed: seed, step: step, samples: batch.samples)
    let pass = ForwardPass.training(
      seed: seed, step: step, samples: batch.samples, precision: recipe.training.precision,
      recomputingLayers: recipe.training.activationCheckpointing)
    return try model.loss(batch, hearing: mixed, masked: masked, teacher: teacher, in: pass)
  }
}

/// The losses of the batches of an update, weighted.
private struct LossSum {
  var total: Float = 0
  var terms: [String: Float] = [:]

  mutating func add(_ loss: Loss, share: Float) {
    total += share * loss.total.scalar
    for (name, value) in loss.terms { terms[name, default: 0] += share * value }
  }
}

extension PretrainingModel {
  /// Takes over trained heads, all that the recipe asks for and no other. Rows that stand for no code are
  /// left behind if the recipe has none.
  fileprivate mutating func begin(with heads: PretrainingHeads, of recipe: Recipe) throws {
    let isPlain = recipe.objective.codes?.specialSymbols == 0
    do {
      try restore(encoder: encoder, heads: (isPlain ? heads.withoutSymbols() : heads).tensors)
    } catch let error as ModelError {
      throw RunError.recipe(
        recipe.name,
        reason: "its heads are not those of the model to begin with: \(error); "
          + "begin without them, or change objective and labels")
    }
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

extension Trainer {
  /// Everything that steps change and a checkpoint keeps, by name.
  var state: [(name: String, tensor: Tensor)] {
    let parameters = model.parameters.map { (name: $0.path, tensor: $0.tensor) }
    let moments = optimizer.state.map { (name: "optimizer." + $0.key, tensor: $0.value) }
    let averages = teacher?.state.map { (name: "teacher." + $0.key, tensor: $0.value) }
    return parameters + (moments + (averages ?? [])).sorted { $0.name < $1.name }
  }
}
