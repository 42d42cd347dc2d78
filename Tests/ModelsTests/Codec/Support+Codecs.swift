import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// One of the codecs of Golden/codec_models.py, with what PyTorch computes.
struct GoldenCodec {
  static let names = ["causal", "not-causal", "chunks", "zeros", "original"]
  static let lengths = [1, 2, 7, 319, 320, 321, 24_000, 24_001]

  let codec: Codec
  let expected: SafeTensors

  init(_ name: String) throws {
    let folder = goldenFolder.appendingPathComponent("codecs").appendingPathComponent(name)
    expected = try SafeTensors(contentsOf: folder.appendingPathComponent("golden.safetensors"))
    if name == "original" {
      codec = try CodecFolder.read(
        original: folder.appendingPathComponent("codec.th"), as: .tinyOriginal)
    } else {
      codec = try Codec.load(folder)
    }
  }

  /// The waveform of the script, channels interleaved.
  func waveform(_ samples: Int) -> [Float] {
    (0..<samples * codec.config.channels).map { i -> Float in
      let number = (i * 7919 + i * i % 1009 * 31) % 2003 - 1001
      return Float(Double(number) / 1001)
    }
  }

  /// The same as a batch of one, `[1, L, C]`.
  func batch(_ samples: Int) -> Tensor {
    Tensor(waveform(samples), shape: [1, samples, codec.config.channels])
  }
}

extension Codec.Config {
  /// A few channels, two stages, no LSTM, as the golden checkpoint of the original code has them.
  static var tinyOriginal: Codec.Config {
    var config = Codec.Config()
    (config.sampleRate, config.width, config.filters, config.strides) = (1000, 5, 4, [4, 5])
    (config.lstmLayers, config.quantizer.codebooks, config.quantizer.codes) = (0, 4, 16)
    return config
  }

  /// A few channels and one LSTM layer.
  static var tinyCausal: Codec.Config {
    var config = tinyOriginal
    config.lstmLayers = 1
    return config
  }

  /// The same, looking ahead, without learned shortcuts.
  static var tinyNotCausal: Codec.Config {
    var config = tinyCausal
    (config.isCausal, config.hasShortcutConvolution) = (false, false)
    return config
  }

  /// The same in stereo, with group norm and chunks of a second.
  static var tinyChunks: Codec.Config {
    var config = tinyNotCausal
    (config.channels, config.norm, config.normalizesLoudness) = (2, .group, true)
    (config.chunkSeconds, config.chunkOverlap) = (1, 0.01)
    return config
  }

  /// Zeros at the ends, several dilated units, both ends trimmed.
  static var tinyZeros: Codec.Config {
    var config = tinyCausal
    (config.paddingMode, config.residualUnits, config.trimRightRatio) = (.zeros, 2, 0.3)
    return config
  }

  static let tiny: [Codec.Config] = [
    .tinyOriginal, .tinyCausal, .tinyNotCausal, .tinyChunks, .tinyZeros,
  ]
}

extension Codec.Config: CustomTestStringConvertible {
  /// What the tests print of an argument.
  public var testDescription: String {
    "\(filters) filters, \(lstmLayers) LSTM layers, \(norm) norm, \(paddingMode), causal: \(isCausal)"
  }
}

extension Codec {
  /// A random codec with random codebooks, the same for the same seed.
  static func random(_ config: Config, seed: UInt64 = 1) -> Codec {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    var codec = Codec(config, using: &generator)
    for q in codec.quantizer.codebooks.indices {
      let vectors = Tensor.normal(
        [config.quantizer.codes, config.width], standardDeviation: 0.3, using: &generator)
      codec.quantizer.codebooks[q].vectors = vectors
      codec.quantizer.codebooks[q].sums = vectors * 3
    }
    return codec
  }
}
