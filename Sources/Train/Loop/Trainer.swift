import Models
import Optimisation
import Pretrain
import Tensor

/// A learner in training: everything that one optimiser step reads and changes.
///
/// A step is a function of this state and its number; nothing else is random. That is why a resumed
/// run equals an uninterrupted one bit for bit. The same is true of each batch of a step.
///
/// A trainer is a value: a copy is a snapshot, whose tensors are copied when the next step changes them.
public struct Trainer<Model: Learner>: Sendable {
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
  /// What the first batches of the next step have added up.
  var update = UpdateInProgress()
  /// What all batches of the next step weigh together; nil until it is needed.
  private var updateWeight: Float?

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

  /// Steps made, and batches of the next one.
  public var position: TrainingPosition { TrainingPosition(step: step, batch: update.batches) }

  /// One optimiser step, or the rest of one that has begun.
  /// - Throws: What the learner throws if training has gone wrong; what the source throws if a file cannot be
  ///   read any more.
  public mutating func advance() throws -> StepOutcome {
    while true {
      if let outcome = try advanceByBatch() { return outcome }
    }
  }

  /// Adds the next batch to its update, and makes the update if this batch is the last of it.
  ///
  /// - Returns: What the step did; nil if more batches belong to it.
  /// - Throws: As `advance`. The trainer is then as it was before.
  public mutating func advanceByBatch() throws -> StepOutcome? {
    let number = numbers.lowerBound + update.batches
    let share = try share(ofBatch: number)
    let loss = try model.loss(of: batches.batch(number), in: pass(ofBatch: number))
    update.add(loss, share: share)
    return update.batches < settings.training.accumulation ? nil : makeUpdate()
  }

  private mutating func makeUpdate() -> StepOutcome {
    let sums = update
    (update, updateWeight) = (UpdateInProgress(), nil)
    let rate = schedule.rate(at: step)
    let norms = optimizer.update(&model, along: sums.gradients, rate: rate)
    var outcome = StepOutcome(
      loss: sums.loss, terms: sums.terms.merging(norms.terms) { $1 }, learningRate: rate,
      gradientNorm: norms.total)
    if outcome.nonFinite != nil { outcome.files = batches.files(ofBatches: numbers) }
    if norms.total.isFinite { average?.follow(model, updates: optimizer.step) }
    step += 1
    model.follow(step: step, observing: norms.total.isFinite ? sums.observations : [])
    return outcome
  }

  /// The numbers of this step's batches.
  private var numbers: Range<Int> {
    step * settings.training.accumulation..<(step + 1) * settings.training.accumulation
  }

  /// What a batch weighs in the update: its share of the predictions, so that each weighs the same.
  /// Source: fairseq `trainer.py`, sample sizes.
  private mutating func share(ofBatch number: Int) throws -> Float {
    let total =
      try updateWeight ?? Float(max(1, numbers.reduce(0) { try $0 + weight(ofBatch: $1) }))
    updateWeight = total
    return try Float(weight(ofBatch: number)) / total
  }

  private func weight(ofBatch number: Int) throws -> Int {
    try model.weight(of: batches.samples(ofBatch: number), step: step)
  }

  private func pass(ofBatch number: Int) -> ForwardPass {
    .training(
      seed: settings.seed, step: step, samples: Array(batches.samples(ofBatch: number)),
      precision: settings.training.precision,
      recomputingLayers: settings.training.activationCheckpointing)
  }
}

extension Trainer {
  /// The model that is evaluated, whose parameters are constants: with the moving average of the parameters if the recipe
  /// has one.
  public var evaluated: Model { average?.applied(to: model) ?? model.detached() }

  /// Everything that steps change and a checkpoint keeps, by name, but for an update in progress.
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
