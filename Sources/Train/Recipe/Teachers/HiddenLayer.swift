import Files
import Foundation
import MelModels
import Models
import Pretrain
import Settings
import Tensor
import YAML

extension Recipe {
  /// A layer of an earlier model, of which one is named.
  public struct HiddenLayer: Configuration {
    /// Folder of a run, of which the latest checkpoint is taken, or of any model that `etude embed` takes; a
    /// recipe names this or `recipe`.
    public var model: RecipePath?
    /// Recipe of an earlier stage, by its file or in place; a recipe names this or `model`. It is trained
    /// first, with its own teachers, unless it is trained already.
    public var recipe: Recipe?
    /// Number of the layer: from 1 on its output, 0 the input of the first. HuBERT's second iteration takes 6.
    public var index = 6
    /// The numbers that the model computes with.
    public var precision = Precision.fp32
    /// Layer 6 of no model yet.
    public init() {}

    /// There is one model, and it has the layer if it is a recipe's.
    public func validate() throws(InvalidSetting) {
      try require(
        model == nil || recipe == nil, "model", "name a model or a recipe, one of them",
        against: ["recipe"])
      try require(
        model != nil || recipe != nil, "", "names no model; give a model or a recipe")
      let most = recipe?.chosenEncoder.layers ?? AudioEncoder.Config.mostLayers
      try require(
        (0...most).contains(index), "index",
        "\(recipe?.name ?? "a model") has \(recipe == nil ? "at most " : "")\(most) layers, there is "
          + "no \(index)")
    }
  }
}

extension Recipe.HiddenLayer {
  /// The recipe of its model, after those that this needs; none of a model that lies there.
  var stages: [any TrainingRecipe] { recipe.map { $0.stages + [$0] } ?? [] }

  /// The same layer of a model with another seed, if it is a recipe's.
  func seeded(_ seed: Int) -> Recipe.HiddenLayer {
    var copy = self
    copy.recipe = recipe?.seeded(seed)
    return copy
  }

  /// That of the model, which may not be trained yet.
  /// - Throws: `ModelError` if there is none, and it is not a recipe's.
  private func encoder() throws -> any EncoderConfiguration {
    try recipe?.chosenEncoder ?? Encoders.config(of: model!.checkpoint)
  }

  /// How often its states come, at the sample rate of a recipe.
  /// - Throws: `RunError.recipe` if that is no whole number of samples; as above.
  func rate(for recipe: Recipe) throws -> LabelRate {
    let (model, sampleRate) = (try encoder(), recipe.sampleRate)
    let hop = model.stride * sampleRate
    guard hop % model.sampleRate == 0 else {
      throw RunError.recipe(
        recipe.name,
        reason:
          "a frame of the layer's model at \(model.sampleRate) Hz is no whole number of samples at "
          + "\(recipe.encoderSetting).sampleRate \(sampleRate); set that to \(model.sampleRate)")
    }
    return LabelRate(sampleRate: sampleRate, hop: hop / model.sampleRate)
  }

  /// Checks that a model that lies there has the layer, and a rate that fits a recipe.
  /// - Throws: `ModelError` or `RunError.recipe`.
  func checkSource(for recipe: Recipe) throws {
    guard let model else { return }
    _ = try rate(for: recipe)
    let config = try encoder()
    guard index <= config.layers else {
      throw ModelError.file(
        model.path, problem: "has \(config.layers) layers, there is no \(index)")
    }
  }

  /// The states of files, by the model, which is trained by now.
  func frames(for context: TeachingContext) throws -> HiddenFrames {
    let encoder = try recipe.map { try context.stages.encoder(of: $0) }
    return try HiddenFrames(
      encoder ?? Encoders.load(model!.checkpoint), layer: index, precision: precision,
      resampler: context.recipe.data.resampler)
  }

  /// That of a stage is its recipe, from which it can be trained again; that of a model its parameters.
  func identity(at path: String) throws -> String {
    if let recipe { return try recipe.stageIdentity(at: "\(path).recipe") }
    var hash = ContentHash()
    hash.update(stateOf: try Encoders.load(model!.checkpoint))
    return "\(path).model=\(String(hash.value, radix: 16))"
  }

  /// Earlier versions hashed the text of the recipe.
  func formerIdentity(at path: String) throws -> String {
    guard let recipe else { return try identity(at: path) }
    var hash = ContentHash()
    hash.update(Data(try RecipeFile.yaml(of: recipe).utf8))
    return "\(path).recipe=\(recipe.name)#\(String(hash.value, radix: 16))"
  }
}
