import Audio
import Foundation
import Models
import Tensor
import TestSupport

/// A codec of few numbers with eight samples in a frame and three codebooks of eight random entries.
func tinyCodec(sampleRate: Int = 8000, channels: Int = 1) -> Codec {
  var config = Codec.Config()
  (config.sampleRate, config.channels) = (sampleRate, channels)
  (config.width, config.filters) = (4, 2)
  (config.strides, config.lstmLayers) = ([2, 4], 0)
  (config.quantizer.codebooks, config.quantizer.codes) = (3, 8)
  var generator = RandomStream(seed: 5, purpose: .initialisation)
  var codec = Codec(config, using: &generator)
  for i in codec.quantizer.codebooks.indices {
    codec.quantizer.codebooks[i].vectors = .normal([8, 4], seed: UInt64(i)) * 0.3
  }
  return codec
}

/// Files in memory.
struct MemoryAudio: AudioSource {
  let signals: [[Float]]
  let sampleRate: Int

  var skipped: [Manifest.Skipped] { [] }
  var files: [Manifest.Entry] {
    signals.enumerated().map { Manifest.Entry(path: "file-\($0).wav", samples: $1.count) }
  }

  func crop(file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    _ = buffer.update(from: signals[file][start..<start + buffer.count])
  }
}
