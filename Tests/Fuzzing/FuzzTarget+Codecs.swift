import Foundation
import Models
import Tensor

extension FuzzTarget {
  /// Folders of codecs of any build, three quarters of them with a damaged file or an odd setting. What is read
  /// encodes and decodes a few samples.
  static let codecFolder = FuzzTarget("codec-folder", file: "config.json") { _ in
    let folders = try ["causal", "not-causal", "chunks", "zeros"].map {
      try files(of: golden.appendingPathComponent("codecs/\($0)"))
    }
    return { path, stream in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      var files = folders.randomElement(using: &stream)!
      if stream.once(in: 2) {
        try Codec(smallCodec(&stream), using: &stream).save(to: folder)
        if stream.once(in: 2) { return }
        files = try Self.files(of: folder)
      }
      try writeDamaged(&files, to: folder, &stream)
    }
  } read: { path in
    let codec = try Codec.load(URL(fileURLWithPath: path).deletingLastPathComponent())
    do {
      for count in [1, 50, 700] {
        let samples = (0..<count * codec.config.channels).map { Float($0 % 7) / 7 }
        _ = try codec.samples(of: codec.codes(of: samples, codebooks: 1))
      }
    } catch ModelError.waveform(let problem) {
      throw ModelError.file(path, problem: problem)
    }
  }

  /// A small codec of any build.
  private static func smallCodec(_ stream: inout RandomStream) -> Codec.Config {
    var config = Codec.Config()
    (config.sampleRate, config.channels) = (1000, stream.one(of: [1, 2]))
    (config.width, config.filters) = (3, stream.one(of: [2, 3]))
    config.strides = (0..<stream.one(of: [1, 2, 3])).map { _ in stream.one(of: [1, 2, 3, 5, 8]) }
    (config.kernel, config.lastKernel) = (
      stream.one(of: [1, 2, 7, 30]), stream.one(of: [1, 4, 7])
    )
    config.residualKernel = stream.one(of: [1, 2, 3])
    (config.residualUnits, config.dilationGrowth) = (
      stream.one(of: [0, 1, 3]), stream.one(of: [1, 4])
    )
    (config.compression, config.lstmLayers) = (stream.one(of: [1, 2]), stream.one(of: [0, 1, 2]))
    config.isCausal = stream.once(in: 2)
    config.trimRightRatio = config.isCausal ? stream.one(of: [0, 0.4, 1]) : 1
    config.paddingMode = stream.one(of: [.reflect, .zeros])
    config.hasShortcutConvolution = stream.once(in: 2)
    (config.quantizer.codebooks, config.quantizer.codes) = (stream.one(of: [1, 3]), 4)
    if stream.once(in: 3) {
      (config.chunkSeconds, config.chunkOverlap) = (
        stream.one(of: [0.003, 0.1]), stream.one(of: [0, 0.3])
      )
      config.norm = stream.one(of: [.weight, .group])
      config.normalizesLoudness = stream.once(in: 2)
    }
    return config
  }
}
