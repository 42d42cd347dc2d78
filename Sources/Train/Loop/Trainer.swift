import Cluster
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
  let batches: any BatchSource<Model.Batch>
  let schedule: Schedule
  /// What is trained, and its optimiser: one; with `training.local` as many as this rank has.
  var replicas: [Replica<Model>]
  /// What replicas have in common; nil without `training.local`.
  var local: LocalReplicas?
  /// The moving average of the parameters; nil unless the recipe has `training.averaging`.
  var average: WeightAverage?
  /// Steps made so far.
  public internal(set) var step = 0
  /// What the first batches of the next step have added up.
  var update = UpdateInProgress()
  /// What all batches of the next step weigh together; nil until it is needed.
  private var updateWeight: Float?
  /// The ranks that share the batches of a step.
  let ranks: Ranks
  let exchange: GradientExchange
  /// Which of them updates which parameters; nil if each updates all.
  let shards: ParameterShards?

  private struct Settings {
    let seed: UInt64
    let training: Recipe.Training
  }

  /// A learner before its first step, and its data.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - model: The learner.
  ///   - batches: Where its batches come from.
  ///   - placement: The ranks that share the batches of a step; this process alone unless given.
  public init(
    _ recipe: some TrainingRecipe, model: Model, batches: any BatchSource<Model.Batch>,
    placement: Placement = .alone
  ) {
    ranks = placement.ranks
    exchange = GradientExchange(among: ranks, wire: placement.wire)
    settings = Settings(seed: UInt64(recipe.seed), training: recipe.training)
    schedule = Schedule(recipe.schedule, steps: recipe.training.steps)
    let replica = Replica(model, AdamW(recipe.optimizer, for: model))
    let (ranks, numbers) = (placement.ranks, replica.optimizer.numbers)
    self.batches = batches
    local = recipe.training.local.map { LocalReplicas($0, among: ranks, each: replica) }
    replicas = Array(repeating: replica, count: local?.own.count ?? 1)
    shards =
      placement.shardsOptimizer && ranks.count > 1
      ? ParameterShards(of: model, trainedBy: numbers, among: ranks.count) : nil
    average = recipe.training.averaging.map { WeightAverage($0, of: model, trainedBy: numbers) }
  }

  /// What is trained; of several replicas the first one's.
  public internal(set) var model: Model {
    get { replicas[0].model }
    _modify { yield &replicas[0].model }
  }

  var optimizer: AdamW {
    get { replicas[0].optimizer }
    _modify { yield &replicas[0].optimizer }
  }

  /// Whether its steps are not made batch by batch, since all are heard from before the update.
  var makesWholeSteps: Bool { ranks.count > 1 || local != nil }

  /// Steps made, and batches of the next one.
  public var position: TrainingPosition { TrainingPosition(step: step, batch: update.batches) }

  /// One optimiser step, or the rest of one that has begun; several ranks make it together.
  /// - Throws: What the learner throws if training has gone wrong; what the source throws if a file cannot be
  ///   read any more. Of several ranks, `ClusterError` if another one failed or does not answer.
  public mutating func advance() throws -> StepOutcome {
    guard !makesWholeSteps else { return try advanceTogether().outcome }
    while true {
      if let outcome = try advanceByBatch() { return outcome }
    }
  }

  /// Adds the next batch to its update, and makes the update if this batch is the last of it.
  ///
  /// - Returns: What the step did; nil if more batches belong to it.
  /// - Throws: As `advance`. The trainer is then as it was before.
  /// - Traps when: several ranks or replicas share the batches of a step.
  public mutating func advanceByBatch() throws -> StepOutcome? {
    precondition(!makesWholeSteps, "advanceByBatch: one of several ranks makes whole steps")
    try addBatch(numbers.lowerBound + update.batches)
    guard update.batches == settings.training.accumulation else { return nil }
    let (losses, gradients) = takeUpdate()
    let norms = GradientNorms(of: gradients, in: model)
    return try makeUpdate(losses, along: gradients, norms)
  }

  /// Adds a batch to its update.
  mutating func addBatch(_ number: Int) throws {
    let share = try share(ofBatch: number)
    let loss = try model.loss(of: batches.batch(number), in: pass(ofBatch: number))
    update.add(loss, share: share)
  }

  /// The losses and gradients of the batches so far, which are gone then.
  mutating func takeUpdate() -> (losses: [WeightedLoss], gradients: Gradients) {
    defer { (update, updateWeight) = (UpdateInProgress(), nil) }
    return (update.losses, update.takeGradients())
  }

  /// Updates the learner, by the losses of all batches of the step and the sum of their gradients.
  ///
  /// - Parameter completing: Completes an update of which each rank made a part.
  mutating func makeUpdate(
    _ losses: [WeightedLoss], along gradients: Gradients, _ norms: GradientNorms,
    completing: (inout Model) throws -> Void = { _ in }
  ) throws -> StepOutcome {
    let rate = schedule.rate(at: step)
    replicas[0].update(along: gradients, norms: norms, rate: rate)
    try completing(&replicas[0].model)
    var outcome = StepOutcome(
      loss: losses.loss, terms: losses.terms.merging(norms.terms) { $1 }, learningRate: rate,
      gradientNorm: norms.total)
    if outcome.nonFinite != nil { outcome.files = batches.files(ofBatches: numbers) }
    if norms.total.isFinite {
      average?.follow(replicas[0].model, updates: replicas[0].optimizer.step)
    }
    step += 1
    model.follow(step: step, observing: norms.total.isFinite ? losses.map(\.observations) : [])
    return outcome
  }

  /// The numbers of this step's batches.
  var numbers: Range<Int> {
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

  func weight(ofBatch number: Int) throws -> Int {
    try model.weight(of: batches.samples(ofBatch: number), step: step)
  }

  func pass(ofBatch number: Int) -> ForwardPass {
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
