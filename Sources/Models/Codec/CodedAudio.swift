import Tensor

/// Audio as a codec's codes, with what is needed to decode it.
public struct CodedAudio: Sendable {
  /// int32 `[Q, T]`: one row for each codebook. If the codec encodes chunks, those of all chunks, one after the other.
  public var codes: Tensor
  /// What each chunk was divided by; empty if the codec does not normalise loudness.
  public var scales: [Float]
  /// Samples of each channel, which `T` frames last at least.
  public var samples: Int

  /// - Parameters:
  ///   - codes: int32 `[Q, T]`
  ///   - scales: One for each chunk, if the codec normalises loudness.
  ///   - samples: Samples of each channel.
  public init(codes: Tensor, scales: [Float] = [], samples: Int) {
    (self.codes, self.scales, self.samples) = (codes, scales, samples)
  }

  /// Checks that a codec can decode it.
  /// - Throws: `ModelError.waveform`.
  public func check(_ config: Codec.Config) throws(ModelError) {
    guard codes.rank == 2, codes.dtype == .int32 else {
      throw .waveform("codes of shape \(codes.shape) are not int32 [codebooks, frames]")
    }
    guard (0..<1 << 40).contains(samples) else {
      throw .waveform("\(samples) is no number of samples")
    }
    let (books, frames) = (codes.shape[0], codes.shape[1])
    guard (1...config.quantizer.codebooks).contains(books) else {
      throw .waveform(
        "\(books) rows of codes do not fit a codec of \(config.quantizer.codebooks) codebooks")
    }
    // Chunks are only counted where they cannot be more than there are frames.
    guard samples <= frames * config.stride, frames == config.frameCount(samples: samples) else {
      throw .waveform(
        "\(frames) frames of codes are not those of \(samples) samples with this codec; were they made by another?"
      )
    }
    let chunks = config.normalizesLoudness ? config.chunks(samples: samples).count : 0
    guard scales.count == chunks, scales.allSatisfy(\.isFinite) else {
      throw .waveform(
        "\(scales.count) scales do not fit a codec that has \(chunks) for \(samples) samples")
    }
    let most = config.quantizer.codes
    if let code = codes.integers.first(where: { $0 < 0 || $0 >= most }) {
      throw .waveform("code \(code) is none of a codebook of \(most) entries")
    }
  }
}
