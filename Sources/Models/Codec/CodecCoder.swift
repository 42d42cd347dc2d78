import Tensor

/// A codec that encodes and decodes files: lengths and directions of its weights are multiplied once.
///
/// ```swift
/// let coder = CodecCoder(codec)
/// var encoding = coder.encoding(codebooks: 8)
/// while let samples = try reader.next() { write(try encoding.append(samples)) }
/// write(try encoding.finish())
/// ```
///
/// Files may be of any length; memory does not grow with it. The codes do not depend on the pieces in which samples
/// come, nor on the number of threads.
public struct CodecCoder: Sendable {
  /// The codec without gradients, so that each of its weights is computed once from gain and direction.
  let codec: Codec
  /// What it computes in. The quantiser computes in float32.
  public let precision: Precision

  /// The codec's numbers.
  public var config: Codec.Config { codec.config }

  /// - Parameters:
  ///   - codec: The codec.
  ///   - precision: What it computes in.
  public init(_ codec: Codec, precision: Precision = .fp32) {
    (self.codec, self.precision) = (codec.detached(), precision)
  }

  /// Encodes audio that comes piece by piece.
  ///
  /// - Parameter count: Codebooks to use.
  /// - Traps when: `count` is not between 1 and the codec's number of codebooks.
  public func encoding(codebooks count: Int) -> CodecEncoding {
    CodecEncoding(self, codebooks: count)
  }

  /// Decodes codes that come piece by piece.
  ///
  /// - Parameters:
  ///   - samples: Samples of each channel.
  ///   - scales: What each chunk is multiplied by, if the codec normalises loudness.
  public func decoding(samples: Int, scales: [Float] = []) -> CodecDecoding {
    CodecDecoding(self, samples: samples, scales: scales)
  }

  /// The codes of a whole waveform.
  ///
  /// - Parameters:
  ///   - samples: At full scale ±1; channels interleaved.
  ///   - count: Codebooks to use.
  /// - Throws: `ModelError.waveform` if there is no sample, if they do not fill the channels, or if the encoder
  ///   yields a number that is not finite.
  /// - Traps when: `count` is not between 1 and the codec's number of codebooks.
  public func codes(of samples: [Float], codebooks count: Int) throws(ModelError) -> CodedAudio {
    var encoding = encoding(codebooks: count)
    var parts: [Tensor] = []
    let block = 10 * config.sampleRate * config.channels
    for start in stride(from: 0, to: samples.count, by: block) {
      parts.append(try encoding.append(Array(samples[start..<min(start + block, samples.count)])))
    }
    parts.append(try encoding.finish())
    return CodedAudio(
      codes: .concatenated(parts, axis: 1), scales: encoding.scales, samples: encoding.samples)
  }

  /// The waveform of codes.
  ///
  /// - Returns: Samples, channels interleaved.
  /// - Throws: `ModelError.waveform` if the codes do not fit the codec, or if the decoder yields a number that is not
  ///   finite.
  public func samples(of coded: CodedAudio) throws(ModelError) -> [Float] {
    try coded.check(config)
    var decoding = decoding(samples: coded.samples, scales: coded.scales)
    var samples: [Float] = []
    let (frames, block) = (coded.codes.shape[1], 1_024)
    for start in stride(from: 0, to: frames, by: block) {
      samples += try decoding.append(
        coded.codes.sliced(axis: 1, start..<min(start + block, frames)))
    }
    return try samples + decoding.finish()
  }
}

extension Codec {
  /// The codes of a whole waveform, see `CodecCoder`.
  ///
  /// - Parameters:
  ///   - samples: At full scale ±1; channels interleaved.
  ///   - count: Codebooks to use.
  ///   - precision: What it computes in.
  /// - Throws: `ModelError.waveform`.
  public func codes(
    of samples: [Float], codebooks count: Int, precision: Precision = .fp32
  ) throws(ModelError) -> CodedAudio {
    try CodecCoder(self, precision: precision).codes(of: samples, codebooks: count)
  }

  /// The waveform of codes, see `CodecCoder`.
  ///
  /// - Throws: `ModelError.waveform` if the codes do not fit the codec, or if the decoder yields a number that is not
  ///   finite.
  public func samples(
    of coded: CodedAudio, precision: Precision = .fp32
  ) throws(ModelError) -> [Float] {
    try CodecCoder(self, precision: precision).samples(of: coded)
  }
}
