import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor

extension Recipe {
  /// A codec whose quantiser labels the collection.
  ///
  /// ```yaml
  /// teacher: { rvq: { codec: models/encodec_24khz } }
  /// teacher: { rvq: { codec: { recipe: small-24khz.yaml } } }
  /// ```
  public struct CodecSource: GivenByPath {
    /// `codec: FOLDER`
    public static var pathSetting: String { "model" }

    /// Folder of a codec as Hugging Face's `EncodecModel`, or of a run that trained one, of which the latest
    /// checkpoint is taken; or a file of the original code. A recipe names this or `recipe`.
    public var model: RecipePath?
    /// Recipe of a codec, by its file or in place; a recipe names this or `model`. It is trained first, unless it is
    /// trained already. Runs with other seeds share it.
    public var recipe: CodecRecipe?
    /// The numbers that the codec computes with.
    public var precision = Precision.fp32
    /// No codec yet.
    public init() {}

    /// There is one codec.
    public func validate() throws(InvalidSetting) {
      try require(
        model == nil || recipe == nil, "model", "name a model or a recipe, one of them",
        against: ["recipe"])
      try require(
        model != nil || recipe != nil, "", "names no codec; give its folder, or a recipe")
    }
  }
}

extension Recipe.CodecSource {
  /// The numbers of the codec, which may not be trained yet.
  /// - Throws: `ModelError` if there is none, and it is not a recipe's.
  func config() throws -> Codec.Config {
    try recipe?.codec ?? CodecFolder.readConfig(model!.checkpoint)
  }

  /// Checks that the codec's labels fit a recipe.
  /// - Throws: `ModelError.setting`, of which the name is that of a setting of the codec.
  func check(
    _ config: Codec.Config, codebooks: Int, codes: Int, for recipe: Recipe
  ) throws(ModelError) {
    try CodecTeacher.check(config, codebooks: codebooks)
    let (encoder, setting) = (recipe.chosenEncoder, recipe.encoderSetting)
    guard config.sampleRate == encoder.sampleRate else {
      throw .setting(
        "sampleRate",
        problem: "the codec takes \(config.sampleRate) Hz, and \(setting).sampleRate is "
          + "\(encoder.sampleRate); choose a codec of that rate, or set it to \(config.sampleRate)")
    }
    guard encoder.stride % config.stride == 0 else {
      throw .setting(
        "strides",
        problem: "the codec has \(config.frameRate.inWords) frames a second, and the model's "
          + "\(encoder.frameRate.inWords) are no whole share of them; choose another codec")
    }
    guard config.quantizer.codes == codes else {
      throw .setting(
        "codes",
        problem: "the codec's codebooks have \(config.quantizer.codes) entries, and "
          + "teacher.rvq.codes is \(codes); set it to \(config.quantizer.codes)")
    }
  }

  /// The codec, trained.
  func codec(in stages: Stages) throws -> Codec {
    try Codec.load(recipe.map { try stages.checkpoint(of: $0) } ?? model!.checkpoint)
  }

  /// That of a stage is its recipe, from which it can be trained again; that of a model its numbers.
  func identity() throws -> [String] {
    let computing = precision == .fp32 ? [] : ["codec.precision=\(precision.rawValue)"]
    if let recipe { return try [recipe.stageIdentity(at: "codec.recipe")] + computing }
    var hash = ContentHash()
    hash.update(stateOf: try Codec.load(model!.checkpoint))
    return ["codec.model=\(String(hash.value, radix: 16))"] + computing
  }
}
