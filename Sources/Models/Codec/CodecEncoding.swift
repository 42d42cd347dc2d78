import Tensor

/// The encoding of one file, whose samples come piece by piece, see `CodecCoder`.
public struct CodecEncoding: Sendable {
  private let codec: Codec
  private let codebooks: Int
  private var encoder: any LatentEncoding
  /// Samples of each channel so far.
  public private(set) var samples = 0
  /// What each chunk was divided by; empty if the codec does not normalise loudness.
  public private(set) var scales: [Float] = []

  init(_ coder: CodecCoder, codebooks: Int) {
    precondition(
      (1...coder.config.quantizer.codebooks).contains(codebooks),
      "encoding: \(codebooks) of \(coder.config.quantizer.codebooks) codebooks")
    (codec, self.codebooks) = (coder.codec, codebooks)
    encoder =
      coder.config.chunkLength == nil
      ? StretchedEncoding(coder.codec.encoder, coder.precision, coder.config)
      : ChunkedEncoding(coder.codec.encoder, coder.precision, coder.config)
  }

  /// Takes the next samples.
  ///
  /// - Parameter samples: At full scale ±1; channels interleaved.
  /// - Returns: The codes that they complete, int32 `[Q, n]`; often none.
  /// - Throws: `ModelError.waveform` if they do not fill the channels, or if the encoder yields a number that is not
  ///   finite.
  public mutating func append(_ samples: [Float]) throws(ModelError) -> Tensor {
    let channels = codec.config.channels
    guard samples.count % channels == 0 else {
      throw .waveform("\(samples.count) samples do not fill \(channels) channels")
    }
    self.samples += samples.count / channels
    return try codes(
      of: encoder.append(Tensor(samples, shape: [samples.count / channels, channels])))
  }

  /// Ends the file.
  ///
  /// - Returns: The rest of the codes, int32 `[Q, n]`.
  /// - Throws: `ModelError.waveform` if there was no sample, or if the encoder yields a number that is not finite.
  public mutating func finish() throws(ModelError) -> Tensor {
    guard samples > 0 else { throw .waveform("there is no sample to encode") }
    return try codes(of: encoder.finish())
  }

  private mutating func codes(of parts: [EncodedPart]) throws(ModelError) -> Tensor {
    scales += parts.compactMap(\.scale)
    var columns = [Tensor(shape: [codebooks, 0]) { (_: UnsafeMutableBufferPointer<Int32>) in }]
    for part in parts {
      let latents = part.latents.cast(to: .float32)
      guard latents.firstNonFinite == nil else {
        throw .waveform(
          "the encoder yields a latent that is not finite; are the samples within full scale, and the "
            + "weights of the codec sound?")
      }
      let rows = latents.reshaped([latents.shape[1], latents.shape[2]])
      columns.append(codec.quantizer.codes(of: rows, codebooks: codebooks).permuted([1, 0]))
    }
    return columns.count == 1 ? columns[0] : .concatenated(columns, axis: 1)
  }
}

/// Latents of a part of a file.
struct EncodedPart {
  /// `[1, n, D]`
  var latents: Tensor
  /// What the part was divided by, if that is the codec's way.
  var scale: Float?
}

/// From samples that come piece by piece to latents.
private protocol LatentEncoding: Sendable {
  /// Takes the next samples, `[n, C]`.
  mutating func append(_ samples: Tensor) -> [EncodedPart]
  mutating func finish() -> [EncodedPart]
}

/// A file as one signal: convolutions stretch by stretch, the LSTM with its state carried.
private struct StretchedEncoding: LatentEncoding {
  private let lstm: CodecLSTM?
  private var states: [LSTMState] = []
  private var shortening: CodecStackStream
  private var output: CodecStackStream

  init(_ encoder: CodecEncoder, _ precision: Precision, _ config: Codec.Config) {
    var steps: [any CodecStep] = [encoder.input]
    for stage in encoder.stages {
      steps += stage.units as [any CodecStep]
      steps.append(ActivatedConvolution(convolution: stage.shortening))
    }
    lstm = encoder.lstm
    shortening = CodecStackStream(
      CodecStack(steps, inputs: config.stride, outputs: 1), precision: precision)
    output = CodecStackStream(
      CodecStack([ActivatedConvolution(convolution: encoder.output)], inputs: 1, outputs: 1),
      precision: precision)
  }

  mutating func append(_ samples: Tensor) -> [EncodedPart] { encoded(shortening.append(samples)) }

  mutating func finish() -> [EncodedPart] {
    let parts = encoded(shortening.finish())
    return parts + output.finish().map { EncodedPart(latents: $0) }
  }

  private mutating func encoded(_ groups: [Tensor]) -> [EncodedPart] {
    groups.flatMap { group in
      let y = lstm?(group, carrying: &states) ?? group
      return output.append(y.removingAxis(0)).map { EncodedPart(latents: $0) }
    }
  }
}

/// A file as chunks, each encoded by itself.
private struct ChunkedEncoding: LatentEncoding {
  private let encoder: CodecEncoder
  private let precision: Precision
  private let normalizes: Bool
  private let (length, step): (Int, Int)
  private var signal = FrameQueue()
  /// Where the next chunk starts.
  private var next = 0

  /// Chunks that are computed at once, on several cores.
  private static let group = 4

  init(_ encoder: CodecEncoder, _ precision: Precision, _ config: Codec.Config) {
    (self.encoder, self.precision) = (encoder, precision)
    (normalizes, length, step) = (
      config.normalizesLoudness, config.chunkLength!, config.chunkStep!
    )
  }

  mutating func append(_ samples: Tensor) -> [EncodedPart] {
    signal.append(samples)
    var parts: [EncodedPart] = []
    while signal.end >= next + (Self.group - 1) * step + length {
      parts += encoded(Self.group)
    }
    signal.drop(before: next)
    return parts
  }

  mutating func finish() -> [EncodedPart] {
    var parts: [EncodedPart] = []
    while next < signal.end {
      parts += encoded(min(Self.group, (signal.end - next + step - 1) / step))
    }
    return parts
  }

  private mutating func encoded(_ count: Int) -> [EncodedPart] {
    let chunks = (0..<count).map { i in
      let start = next + i * step
      return signal.frames(start..<min(start + length, signal.end))
    }
    next += count * step
    return Cores.map(count) { encoded(chunks[$0]) }
  }

  private func encoded(_ chunk: Tensor) -> EncodedPart {
    guard normalizes else {
      return EncodedPart(latents: encoder(chunk, precision: precision))
    }
    let scale = chunk.mean(axis: 2).squared().mean().squareRoot().scalar + 1e-8
    return EncodedPart(latents: encoder(chunk / scale, precision: precision), scale: scale)
  }
}
