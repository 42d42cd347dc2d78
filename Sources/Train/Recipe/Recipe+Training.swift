import Audio
import Cluster
import Foundation
import MelModels
import Models
import Pretrain
import Tensor
import YAML

extension Recipe: TrainingRecipe {
  /// That of the encoder, Hz.
  public var sampleRate: Int { chosenEncoder.sampleRate }
  /// Seconds of all crops of an update.
  public var audioSecondsPerStep: Double { data.cropSeconds * Double(cropsPerStep) }

  /// Those of its teachers of labels.
  public var labelSizes: [Int] { teacher.codebooks }

  /// The plan of masked pre-training.
  public func plan() throws -> TrainingPlan {
    try TrainingPlan(self) { MaskedCosts($0) }
  }

  /// The files that the objective's targets are computed with.
  public func sourceIdentity() throws -> String? {
    let words = try objective.heads.flatMap { try $0.identity(for: chosenEncoder) }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// The teachers of codes.
  public func teaching(in folder: URL, stages: URL) -> Teaching? {
    Teaching(self, folder: folder, stages: stages)
  }

  /// An encoder with heads, random or trained.
  /// - Throws: `RunError.recipe` if the start does not fit the recipe.
  public func model(
    codebooks: [Int], startingAs start: StartingPoint = StartingPoint()
  ) throws -> MaskedPretraining {
    var generator = RandomStream(seed: UInt64(seed), purpose: .initialisation)
    var encoder = try chosenEncoder.untrained(using: &generator)
    if let statistics = start.inputStatistics { encoder = encoder.standardizing(by: statistics) }
    if let trained = start.encoder { encoder = try encoder.beginning(as: trained, of: self) }
    let model = PretrainingModel(
      encoder: encoder, objective: objective, codebooks: codebooks, using: &generator)
    var learner = try MaskedPretraining(learning(codebooks), model: model)
    if let heads = start.heads { try begin(&learner, with: heads) }
    if !start.headTargets.isEmpty { try learner.fitHeads(to: start.headTargets) }
    return learner
  }

  /// The start with the statistics of the encoder's input and with what the heads are fitted to, measured on the
  /// collection: unless it has a trained encoder or heads, or neither needs it.
  public func startingPoint(
    _ start: StartingPoint, on material: TrainingMaterial
  ) throws -> StartingPoint {
    try startingPoint(start, on: CollectionSample(material, recipe: self))
  }

  func startingPoint(
    _ start: StartingPoint, on sample: @autoclosure () throws -> CollectionSample
  ) throws -> StartingPoint {
    var start = start
    if let melEncoder, start.encoder == nil {
      start.inputStatistics = try InputStatistics(of: sample(), for: melEncoder)
    }
    if objective.isFitted, start.heads == nil {
      start.headTargets = try sample().targets(for: self)
    }
    return start
  }

  private func learning(_ codebooks: [Int]) -> MaskedPretraining.Config {
    MaskedPretraining.Config(
      objective: objective, mask: mask, mixing: mixing, teacher: teacher.ema,
      codebooks: codebooks, frames: cropFrames, seed: UInt64(seed))
  }

  private func begin(
    _ learner: inout MaskedPretraining, with heads: PretrainingHeads
  ) throws {
    do {
      try learner.begin(with: heads)
    } catch let error as ModelError {
      throw RunError.recipe(
        name,
        reason: "its heads are not those of the model to begin with: \(error); "
          + "begin without them, or change objective and labels")
    }
  }

  /// Crops in the order of the seed, made ahead.
  public func batches(of material: TrainingMaterial) throws -> any BatchSource<Batch> {
    try batches(from: CropSampler(material, recipe: self), among: material.ranks)
  }

  func batches(from sampler: CropSampler, among ranks: Ranks = .alone) -> BatchLoader {
    BatchLoader(
      sampler, batches: training.steps * training.accumulation,
      BatchDeal(of: training.accumulation, among: ranks))
  }
}

extension Trainer where Model == MaskedPretraining {
  /// Masked pre-training before its first step.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - sampler: What draws the crops.
  ///   - codebooks: How many codes each label set has.
  ///   - start: What to begin as instead of at random.
  /// - Throws: If the recipe's parts do not fit together, or the start does not fit the recipe.
  public init(
    _ recipe: Recipe, sampler: CropSampler, codebooks: [Int],
    startingAs start: StartingPoint = StartingPoint()
  ) throws {
    try recipe.check()
    try recipe.checkMachine()
    self.init(
      recipe,
      model: try recipe.model(
        codebooks: codebooks,
        startingAs: recipe.startingPoint(start, on: CollectionSample(of: sampler))),
      batches: recipe.batches(from: sampler))
  }
}

extension Encoder {
  /// This encoder with these statistics of its input.
  /// - Traps when: it standardises nothing.
  fileprivate func standardizing(by statistics: InputStatistics) -> any Encoder {
    guard var copy = self as? any StandardizingEncoder else {
      preconditionFailure("\(Self.self): statistics of an input that it does not standardise")
    }
    copy.inputStatistics = statistics
    return copy
  }

  /// This encoder with the state of a trained one. What concerns training alone, as dropout and the scale of gradients,
  /// stays the recipe's.
  fileprivate func beginning(as model: any Encoder, of recipe: Recipe) throws -> any Encoder {
    guard let model = model as? Self else {
      throw RunError.recipe(
        recipe.name,
        reason:
          "\(recipe.encoderSetting) is another kind of encoder than the model to begin with; choose "
          + "a model of its kind")
    }
    let theirs = model.config.training(as: config).writtenOut
    if let setting = try RecipeFile.differences(config.writtenOut, theirs).first {
      throw RunError.recipe(
        recipe.name,
        reason: "\(recipe.encoderSetting).\(setting.path) is \(setting.a ?? "unset"), but "
          + "\(setting.b ?? "unset") in the model to begin with; make them equal")
    }
    var copy = self
    try copy.load(Dictionary(uniqueKeysWithValues: model.state.map { ($0.path, $0.tensor) }))
    return copy
  }
}
