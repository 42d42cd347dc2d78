import Models
import Optimisation
import Pretrain
import Tensor

/// A learner in training: everything that one optimiser step reads and changes.
///
/// A step is a function of this state and its number; nothing else is random. That is why a resumed
/// run equals an uninterrupted one bit for bit.
public struct Trainer<Model: Learner> {
  /// The settings of every kind of recipe.
  private let settings: Settings
  private let batches: any BatchSource<Model.Batch>
  private let schedule: Schedule
  /// What is trained.
  public internal(set) var model: Model
  var optimizer: AdamW
  /// The moving average of the parameters; nil unless the recipe has `training.averaging`.
  var average: WeightAverage?
  /// Steps made so far.
  public internal(set) var step = 0

  private struct Settings {
    let seed: UInt64
    let training: Recipe.Training
  }

  /// A learner before its first step, and its data.
  public init(
    _ recipe: some TrainingRecipe, model: Model, batches: any BatchSource<Model.Batch>
  ) {
    settings = Settings(seed: UInt64(recipe.seed), training: recipe.training)
    schedule = Schedule(recipe.schedule, steps: recipe.training.steps)
    optimizer = AdamW(recipe.optimizer, for: model)
    (self.model, self.batches) = (model, batches)
    self.model.freeze(by: optimizer.numbers)
    average = recipe.training.averaging.map {
      WeightAverage($0, of: model, trainedBy: optimizer.numbers)
    }
  }

  /// One optimiser step.
  /// - Throws: What the learner throws if training has gone wrong; what the source throws if a file cannot be
  ///   read any more.
  public mutating func advance() throws -> StepOutcome {
    var (sum, gradients) = (LossSum(), Gradients())
    var observations: [[String: Tensor]] = []
    for (number, share) in zip(numbers, try shares()) {
      let loss = try model.loss(of: batches.batch(number), in: pass(ofBatch: number))
      sum.add(loss, share: share)
      observations.append(loss.observations)
      gradients.add((loss.total * share).gradients())
    }
    let rate = schedule.rate(at: step)
    let norms = optimizer.update(&model, along: gradients, rate: rate)
    var outcome = StepOutcome(
      loss: sum.total, terms: sum.terms.merging(norms.terms) { $1 }, learningRate: rate,
      gradientNorm: norms.total)
    if outcome.nonFinite != nil { outcome.files = batches.files(ofBatches: numbers) }
    if norms.total.isFinite { average?.follow(model, updates: optimizer.step) }
    step += 1
    model.follow(step: step, observing: norms.total.isFinite ? observations : [])
    return outcome
  }

  /// The numbers of this step's batches.
  private var numbers: Range<Int> {
    step * settings.training.accumulation..<(step + 1) * settings.training.accumulation
  }

  /// What each batch weighs in the update: its share of the predictions, so that each weighs the same.
  /// Source: fairseq `trainer.py`, sample sizes.
  private func shares() throws -> [Float] {
    let weights = try numbers.map {
      try model.weight(of: batches.samples(ofBatch: $0), step: step)
    }
    let total = Float(max(1, weights.reduce(0, +)))
    return weights.map { Float($0) / total }
  }

  private func pass(ofBatch number: Int) -> ForwardPass {
    .training(
      seed: settings.seed, step: step, samples: Array(batches.samples(ofBatch: number)),
      precision: settings.training.precision,
      recomputingLayers: settings.training.activationCheckpointing)
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

extension Trainer {
  /// The model that is evaluated, whose parameters are constants: with the moving average of the parameters if the recipe
  /// has one.
  public var evaluated: Model { average?.applied(to: model) ?? model.detached() }

  /// Everything that steps change and a checkpoint keeps, by name.
  var state: [(name: String, tensor: Tensor)] {
    let own = model.state.map { (name: $0.path, tensor: $0.tensor) }
    let moments = optimizer.state.map { (name: "optimizer." + $0.key, tensor: $0.value) }
    let beside = model.companions.flatMap { file, tensors in
      tensors.map { (name: "\(file).\($0.key)", tensor: $0.value) }
    }
    let averages = average.map { $0.applied(to: model).parameters } ?? []
    let averaged = averages.map { (name: "average." + $0.path, tensor: $0.tensor) }
    return own + (moments + beside + averaged).sorted { $0.name < $1.name }
  }
}
