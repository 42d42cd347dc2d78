import MelModels
import Models
import Pretrain
import Settings

/// The earlier models that compute features of the objective's streams in the step, for plans.
///
/// Their configurations are read, not their weights. A model whose files are not there yet is not counted, and neither
/// is what a forward pass holds beside the weights.
struct FeatureModels {
  /// Forward multiplications over one crop, up to the layers that are read.
  private(set) var products = 0.0
  /// Numbers of all models that are loaded.
  private(set) var parameters = 0.0
  private let recipe: Recipe

  /// Those of a recipe. Streams of a head with the same features share their models.
  init(of recipe: Recipe) {
    self.recipe = recipe
    let objective = recipe.objective
    add(objective.tokens?.streams.map(\.features) ?? [])
    add(objective.features?.streams.map(\.features) ?? [])
  }

  private mutating func add(_ streams: [StreamFeatures]) {
    var known: [StreamFeatures] = []
    for features in streams where !known.contains(where: { $0.sharesModels(with: features) }) {
      known.append(features)
      for layer in features.layers?.models ?? [] { add(layer) }
      if let latents = features.latents { add(latents) }
    }
  }

  /// A model runs up to the layer that is read.
  private mutating func add(_ layer: LayerFrames.Layer) {
    guard let model = layer.model,
      let config = try? Encoders.config(of: model.url) as? any PlannedEncoder
    else { return }
    let samples = recipe.cropSamples * config.sampleRate / recipe.sampleRate
    products += config.products(samples: samples, endingAt: min(layer.layer, config.layers))
    parameters += Double(config.parameterCount)
  }

  /// Of a codec only the encoder runs.
  private mutating func add(_ latents: LatentFrames) {
    guard let model = latents.model, let config = try? CodecFolder.readConfig(model.url) else {
      return
    }
    products +=
      Double(recipe.cropSamples / config.stride) * Double(config.encoderCost.products)
    parameters += Double(config.parameterCount)
  }
}

extension StreamFeatures {
  /// Whether the models are loaded once for both.
  fileprivate func sharesModels(with other: StreamFeatures) -> Bool {
    layers == other.layers && latents == other.latents && stack == other.stack
  }
}

extension PlannedEncoder {
  /// Multiplications of a forward pass over a waveform that ends at a layer and leaves none out.
  fileprivate func products(samples: Int, endingAt layer: Int) -> Double {
    let frames = frameCount(samples: samples)
    guard frames > 0 else { return 0 }
    var before = self
    before.layers = 0
    return frontEndProducts(samples: samples, directions: 1)
      + before.contextProducts(frames: frames)
      + Double(layer) * Double(frames) * Double(layerCost(frames: frames).products)
  }
}
