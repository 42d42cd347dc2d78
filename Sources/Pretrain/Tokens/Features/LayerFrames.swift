import Audio
import Files
import MelModels
import Models
import Settings
import Tensor

/// What leaves a layer of an earlier model as features of tokens: a second iteration (HuBERT), of which MERT-v2 is one
/// with two models side by side.
///
/// The model computes them in the step, of the same clean crop that the student gets. That costs its forward pass up to
/// the layer, and no labels have to be stored. It gets the crop at the student's level, so one that takes audio at another
/// is refused.
public struct LayerFrames: FrameFeatures {
  /// The models, whose frames lie side by side.
  public var models: [Layer] = []

  /// No model yet.
  public init() {}

  /// A layer of a model.
  public struct Layer: Configuration {
    /// Folder of a model, as a checkpoint's, or its file. Its frames come as often as features do.
    public var model: RecipePath?
    /// Number of the layer whose output is taken, from 1; 0 is what enters the first.
    public var layer = 6
    /// Channels of its frames.
    public var width = 768

    /// A layer of a model of base size.
    public init() {}

    /// A model, and counts.
    public func validate() throws(InvalidSetting) {
      try require(model != nil, "model", "names no model; give its folder")
      try require("layer", layer, in: 0...AudioEncoder.Config.mostLayers)
      try require("width", width, in: 1...AudioEncoder.Config.mostChannels)
    }
  }

  /// At least one model.
  public func validate() throws(InvalidSetting) {
    try require(!models.isEmpty, "models", "is empty; name at least one model and its layer")
  }

  /// Of all models together.
  public var width: Int { models.reduce(0) { $0 + $1.width } }

  /// The models, each of which encodes a crop by itself.
  public func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) throws -> @Sendable (_ samples: [Float]) -> Tensor {
    let layers = try models.map {
      try $0.frames(
        sampleRate: sampleRate, hopLength: hopLength, isNormalized: isNormalized)
    }
    return { samples in
      .concatenated(layers.map { $0(samples, count: samples.count / hopLength) }, axis: 1)
    }
  }

  /// The state of the models, not the places of their files.
  public func identity() throws -> [String] {
    try models.map { layer in
      var hash = ContentHash()
      hash.update(stateOf: try Encoders.load(layer.model!.url))
      return String(hash.value, radix: 16)
    }
  }
}

extension LayerFrames.Layer {
  /// The model, which has to fit.
  /// - Throws: `ModelError.file` if it does not.
  fileprivate func frames(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) throws -> EncodedFrames {
    guard let model else { preconditionFailure("LayerFrames: its setting 'model' names no file") }
    let encoder = try Encoders.load(model.url)
    let config = encoder.config
    func refusal(_ problem: String) -> ModelError { .file(model.path, problem: problem) }
    guard layer <= config.layers else {
      throw refusal("has \(config.layers) layers, there is no \(layer)")
    }
    guard width == config.width else {
      throw refusal("has frames of \(config.width) channels, set its width to that, not \(width)")
    }
    guard config.stride * sampleRate == hopLength * config.sampleRate else {
      throw refusal(
        "has \(config.frameRate.inWords) frames a second, and the features of this stream "
          + "\((Double(sampleRate) / Double(hopLength)).inWords); choose another model or stack")
    }
    guard config.normalizesWaveform == isNormalized else {
      throw refusal(
        "has normalizesWaveform \(config.normalizesWaveform), and the recipe's encoder has \(isNormalized), so it "
          + "would get audio at another level than its own; choose another model, or an encoder that has the same"
      )
    }
    return EncodedFrames(encoder: encoder, layer: layer, sampleRate: sampleRate)
  }
}

/// A layer of an encoder, for crops of a sample rate.
private struct EncodedFrames: Sendable {
  let encoder: any Encoder
  let layer: Int
  let sampleRate: Int

  /// `[count, D]` of a crop of a prepared file; the last frame is repeated where it has fewer.
  func callAsFunction(_ samples: [Float], count: Int) -> Tensor {
    let heard = Resampler.soxr.resample(
      samples, from: sampleRate, to: encoder.config.sampleRate)
    let pass = ForwardPass.evaluating(keeping: .hiddenStates, endingAt: layer)
    _ = encoder(Tensor(heard, shape: [1, heard.count]), in: pass)
    let states = pass.hiddenStates[layer].cast(to: .float32)
    let rows = states.reshaped([states.shape[1], states.shape[2]])
    return rows.gatheringRows((0..<count).map { min($0, rows.shape[0] - 1) })
  }
}
