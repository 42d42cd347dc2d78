import Models
import Tensor
import Testing

extension AudioEncoder.Config {
  /// A small post-norm model with a group-normed front end.
  static var tiny: AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [6, 5]
    config.frontEnd.kernels = [10, 3]
    config.frontEnd.strides = [5, 2]
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (12, 2, 3, 20)
    (config.position.kernel, config.position.groups) = (8, 4)
    return config
  }

  /// The same as a large model is built: pre-norm, layer norm and bias in the convolutions.
  static var tinyLarge: AudioEncoder.Config {
    var config = tiny
    config.normOrder = .pre
    (config.frontEnd.norm, config.frontEnd.bias) = (.layer, true)
    config.normalizesWaveform = true
    config.frontEnd.gradientScale = 1
    return config
  }

  /// The same as data2vec is built.
  static var tinyData2Vec: AudioEncoder.Config {
    var config = tiny
    config.frontEnd.norm = .layer
    (config.position.kernel, config.position.depth) = (5, 3)
    config.sampleRate = 16_000
    return config
  }
}

extension AudioEncoder {
  /// A random encoder, the same for the same seed.
  static func random(_ config: Config, seed: UInt64 = 1) throws -> AudioEncoder {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    return try AudioEncoder(config, using: &generator)
  }
}

extension AudioEncoder.Config: CustomTestStringConvertible {
  /// What the tests print of an argument.
  public var testDescription: String {
    "\(normOrder)-norm, \(frontEnd.norm) in front, \(sampleRate) Hz"
  }
}
