import Audio
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor
import YAML

extension Recipe {
  /// Codes of a residual quantiser that is fitted to hidden states of one or several earlier models: the second
  /// iteration of HuBERT with a quantiser in place of clusters, as in MuQ and MERT-v2.
  ///
  /// ```yaml
  /// teacher:
  ///   layerRVQ:
  ///     layers: [{ recipe: first.yaml, index: 6 }]
  ///     quantizer: { codebooks: 4, codes: 1024 }
  /// ```
  public struct LayerQuantizerCodes: Configuration {
    /// Layers whose states are quantised, side by side; their models have one frame rate, which is that of the labels.
    public var layers: [HiddenLayer] = []
    /// The quantiser and its training; each codebook makes one label set.
    public var quantizer = ProjectedQuantizer.Config()
    /// How the frames are brought to mean 0 and variance 1 before; with `global` the layers of the largest numbers decide
    /// most of the codes, with `channels` all alike.
    public var whitening = WhiteningKind.global
    /// Size of the sample that the quantiser is fitted to, in frames, taken evenly from the collection.
    public var fitFrames = 200_000
    /// No layers yet.
    public init() {}

    /// There is a layer, and a frame for every code.
    public func validate() throws(InvalidSetting) {
      try require(!layers.isEmpty, "layers", "names none; give at least one")
      try require("fitFrames", fitFrames, in: 1...1_000_000_000)
      try require(
        quantizer.codes <= fitFrames, "fitFrames",
        "\(fitFrames) frames cannot make \(quantizer.codes) codes; raise it",
        against: ["quantizer.codes"])
    }
  }
}

extension Recipe.LayerQuantizerCodes: LabelSetting {
  /// As many label sets as codebooks.
  var codebookSizes: [Int] { Array(repeating: quantizer.codes, count: quantizer.codebooks) }

  /// Those of the layers' models, each once.
  var stages: [any TrainingRecipe] { layers.flatMap(\.stages) }

  func seeded(_ seed: Int) -> Recipe.LayerQuantizerCodes {
    var copy = self
    copy.layers = layers.map { $0.seeded(seed) }
    return copy
  }

  func validate(of recipe: Recipe) throws(InvalidSetting) {
    guard layers.allSatisfy({ $0.recipe != nil }) else { return }
    do {
      _ = try rate(for: recipe)
    } catch RunError.recipe(_, let reason) {
      throw InvalidSetting("layers", reason)
    } catch {
      throw InvalidSetting("layers", "\(error)")
    }
  }

  func rate(for recipe: Recipe) throws -> LabelRate {
    let rates = try layers.map { try $0.rate(for: recipe) }
    guard let other = rates.first(where: { $0 != rates[0] }) else { return rates[0] }
    throw RunError.recipe(
      recipe.name,
      reason: "the models of teacher.layerRVQ.layers have \(rates[0].labelsPerSecond.inWords) and "
        + "\(other.labelsPerSecond.inWords) frames a second; choose models with one frame rate")
  }

  func identity(for recipe: Recipe) throws -> [String] {
    var own = self
    own.layers = layers.map { layer in
      var layer = layer
      (layer.model, layer.recipe) = (nil, nil)
      return layer
    }
    let models = try layers.enumerated().map { try $1.identity(at: "layers.\($0)") }
    return try ["layerRVQ"] + own.words + models
  }

  static var defaultIdentity: [String] { get throws { try Self().words } }

  func checkSources(of recipe: Recipe) throws {
    for layer in layers { try layer.checkSource(for: recipe) }
    _ = try rate(for: recipe)
  }

  func teacher(for context: TeachingContext) throws -> any LabelTeacher {
    try FeatureQuantizerTeacher(
      fitting: quantizer, whitening: whitening, to: frames(for: context), of: context.audio,
      fitFrames: fitFrames, seed: context.seed, by: context.workers, progress: context.progress)
  }

  var isFitted: Bool { true }

  func teacher(keptIn file: URL, for context: TeachingContext) throws -> any LabelTeacher {
    let frames = try frames(for: context)
    let tensors = try SafeTensors.finiteTensors(contentsOf: file)
    do {
      return FeatureQuantizerTeacher(try ProjectedQuantizer(state: tensors), of: frames)
    } catch {
      throw FileError.unsuitable(path: file.path, reason: "\(error); make the labels again")
    }
  }

  private func frames(for context: TeachingContext) throws -> JoinedFrames {
    JoinedFrames(try layers.map { try $0.frames(for: context) })
  }
}
