import Audio
import Foundation
import Models
import Tensor
import TestSupport

/// A codec of few numbers at 8 kHz, 1000 frames a second, three codebooks of eight random entries.
func tinyCodec(channels: Int = 1) -> Codec {
  var config = Codec.Config()
  (config.sampleRate, config.channels, config.width, config.filters) = (8000, channels, 4, 2)
  (config.strides, config.lstmLayers) = ([2, 4], 0)
  (config.quantizer.codebooks, config.quantizer.codes) = (3, 8)
  var generator = RandomStream(seed: 5, purpose: .initialisation)
  var codec = Codec(config, using: &generator)
  for i in codec.quantizer.codebooks.indices {
    codec.quantizer.codebooks[i].vectors = .normal([8, 4], seed: UInt64(i)) * 0.3
  }
  return codec
}

/// Files in memory at 8 kHz.
struct MemoryAudio: AudioSource {
  let signals: [[Float]]

  var sampleRate: Int { 8000 }
  var skipped: [Manifest.Skipped] { [] }
  var files: [Manifest.Entry] {
    signals.enumerated().map { Manifest.Entry(path: "file-\($0).wav", samples: $1.count) }
  }

  func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    _ = buffer.update(from: signals[file][start..<start + buffer.count])
  }
}
