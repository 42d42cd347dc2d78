import Files
import Models
import Settings
import Tensor

/// The latents of a neural codec as features of tokens: what its encoder computes before they are quantised.
///
/// A codec takes audio as it is, so it is refused beside an encoder that has files brought to mean 0 and variance 1.
///
/// Source: OMAR-RQ, with EnCodec at 24 kHz: 128 channels at 75 frames a second, three side by side.
public struct LatentFrames: FrameFeatures {
  /// Folder of a codec as Hugging Face's `EncodecModel`, or a checkpoint of one that was trained here. Its latents come
  /// as often as features do.
  public var model: RecipePath?
  /// Channels of a latent.
  public var channels = 128

  /// EnCodec's channels.
  public init() {}

  /// A codec, and a count.
  public func validate() throws(InvalidSetting) {
    try require(model != nil, "model", "names no codec; give its folder")
    try require("channels", channels, in: 1...AudioEncoder.Config.mostChannels)
  }

  /// `channels`
  public var width: Int { channels }

  /// The codec's encoder, which encodes a crop by itself.
  public func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) throws -> @Sendable (_ samples: [Float]) -> Tensor {
    let codec = try codec(
      sampleRate: sampleRate, hopLength: hopLength, isNormalized: isNormalized)
    return { samples in
      let waveform = Tensor(samples, shape: [1, samples.count, 1])
      let latents = codec.latents(of: waveform, in: .evaluating())
      return latents.reshaped([latents.shape[1], latents.shape[2]])
    }
  }

  /// The state of the codec, not the place of its file.
  public func identity() throws -> [String] {
    var hash = ContentHash()
    hash.update(stateOf: try Codec.load(model!.url))
    return [String(hash.value, radix: 16)]
  }

  /// The codec, which has to fit.
  /// - Throws: `ModelError.file` if it does not.
  private func codec(sampleRate: Int, hopLength: Int, isNormalized: Bool) throws -> Codec {
    guard let model else { preconditionFailure("LatentFrames: its setting 'model' names no file") }
    let codec = try Codec.load(model.url)
    let config = codec.config
    func refusal(_ problem: String) -> ModelError { .file(model.path, problem: problem) }
    guard config.channels == 1, config.sampleRate == sampleRate else {
      throw refusal(
        "takes \(config.channels) channels at \(config.sampleRate) Hz, and crops are mono at "
          + "\(sampleRate) Hz; choose another codec")
    }
    guard !config.normalizesLoudness else {
      throw refusal("divides chunks by their loudness, which no crop has; choose another codec")
    }
    guard !isNormalized else {
      throw refusal(
        "takes audio as it is, and the recipe's encoder has normalizesWaveform true, so it would get audio at another "
          + "level than its own; choose an encoder that has false")
    }
    guard config.width == channels else {
      throw refusal(
        "has latents of \(config.width) channels, set channels to that, not \(channels)")
    }
    guard config.stride == hopLength else {
      throw refusal(
        "has a latent every \(config.stride) samples, and the features of this stream come every "
          + "\(hopLength); choose another codec or stack")
    }
    return codec
  }
}
