import Tensor

/// The decoding of one file, whose codes come piece by piece, see `CodecCoder`.
public struct CodecDecoding: Sendable {
  private let quantizer: ResidualQuantizer
  private var decoder: any WaveformDecoding
  /// Samples of each channel that are still to come.
  private var left: Int

  init(_ coder: CodecCoder, samples: Int, scales: [Float]) {
    quantizer = coder.codec.quantizer
    left = samples
    decoder =
      coder.config.chunkLength == nil
      ? StretchedDecoding(coder.codec.decoder, coder.precision, coder.config)
      : ChunkedDecoding(coder, samples: samples, scales: scales)
  }

  /// Takes the next codes, int32 `[Q, n]`.
  ///
  /// - Returns: The samples that they complete, channels interleaved; often none.
  /// - Throws: `ModelError.waveform` if the decoder yields a number that is not finite.
  /// - Traps when: a code is none of its codebook's.
  public mutating func append(_ codes: Tensor) throws(ModelError) -> [Float] {
    guard codes.shape[1] > 0 else { return [] }
    return try taken(decoder.append(quantizer.latents(of: codes.permuted([1, 0]))))
  }

  /// Ends the file.
  /// - Returns: The rest of the samples.
  /// - Throws: `ModelError.waveform` if the decoder yields a number that is not finite.
  public mutating func finish() throws(ModelError) -> [Float] { try taken(decoder.finish()) }

  /// The decoder may compute more samples than there were.
  private mutating func taken(_ parts: [Tensor]) throws(ModelError) -> [Float] {
    var samples: [Float] = []
    for part in parts {
      guard part.firstNonFinite == nil else {
        throw .waveform(
          "the decoder yields a sample that is not finite; are the weights of the codec sound?")
      }
      let count = min(left, part.shape[0])
      left -= count
      samples += part.sliced(axis: 0, 0..<count).scalars
    }
    return samples
  }
}

/// From latents that come piece by piece to samples `[n, C]`.
private protocol WaveformDecoding: Sendable {
  /// Takes the next latents, `[n, D]`.
  mutating func append(_ latents: Tensor) -> [Tensor]
  mutating func finish() -> [Tensor]
}

/// A file as one signal: convolutions stretch by stretch, the LSTM with its state carried.
private struct StretchedDecoding: WaveformDecoding {
  private let lstm: CodecLSTM?
  private var states: [LSTMState] = []
  private var input: CodecStackStream
  private var lengthening: CodecStackStream

  init(_ decoder: CodecDecoder, _ precision: Precision, _ config: Codec.Config) {
    var steps: [any CodecStep] = []
    for stage in decoder.stages {
      steps.append(ActivatedLengthening(convolution: stage.lengthening))
      steps += stage.units as [any CodecStep]
    }
    steps.append(ActivatedConvolution(convolution: decoder.output))
    lstm = decoder.lstm
    input = CodecStackStream(
      CodecStack([decoder.input], inputs: 1, outputs: 1), precision: precision)
    lengthening = CodecStackStream(
      CodecStack(steps, inputs: 1, outputs: config.stride), precision: precision)
  }

  mutating func append(_ latents: Tensor) -> [Tensor] { decoded(input.append(latents)) }

  mutating func finish() -> [Tensor] {
    let parts = decoded(input.finish())
    return parts + lengthening.finish().map { $0.removingAxis(0) }
  }

  private mutating func decoded(_ groups: [Tensor]) -> [Tensor] {
    groups.flatMap { group in
      let y = lstm?(group, carrying: &states) ?? group
      return lengthening.append(y.removingAxis(0)).map { $0.removingAxis(0) }
    }
  }
}

/// A file as chunks, each decoded by itself. Where they overlap they are averaged, each sample weighted by how near it
/// is to the middle of its chunk.
///
/// Source: `transformers` `EncodecModel._linear_overlap_add`.
private struct ChunkedDecoding: WaveformDecoding {
  private let decoder: CodecDecoder
  private let precision: Precision
  private let frameLength: Int
  private let step: Int
  private let scales: [Float]
  private let chunks: [Range<Int>]
  private var latents = FrameQueue()
  /// The next chunk that is added, and the first frame that is not decoded.
  private var (next, firstFrame) = (0, 0)
  /// The weighted sum of the chunks so far from where the next starts, `[n, C]`, and the sum of the weights, `[n, 1]`.
  private var (sum, weights): (Tensor, Tensor)

  init(_ coder: CodecCoder, samples: Int, scales: [Float]) {
    let config = coder.config
    (decoder, precision) = (coder.codec.decoder, coder.precision)
    (frameLength, step, self.scales) = (config.stride, config.chunkStep!, scales)
    chunks = config.chunks(samples: samples)
    (sum, weights) = (.zeros([0, config.channels]), .zeros([0, 1]))
  }

  mutating func append(_ latents: Tensor) -> [Tensor] {
    self.latents.append(latents)
    var parts: [Tensor] = []
    while case let chunks = readyChunks(), !chunks.isEmpty {
      parts += decoded(chunks).map { finished(adding: $0) }
    }
    self.latents.drop(before: firstFrame)
    return parts
  }

  func finish() -> [Tensor] { [sum / weights] }

  private func frames(of chunk: Int) -> Int {
    (chunks[chunk].count + frameLength - 1) / frameLength
  }

  /// Chunks that are computed at once, on several cores.
  private static let group = 4

  /// The latents of the next chunks, as far as they are there.
  private mutating func readyChunks() -> [Tensor] {
    var ready: [Tensor] = []
    while ready.count < Self.group, next + ready.count < chunks.count {
      let end = firstFrame + frames(of: next + ready.count)
      guard end <= latents.end else { break }
      ready.append(latents.frames(firstFrame..<end))
      firstFrame = end
    }
    return ready
  }

  /// The waveform of each chunk, `[n, C]`.
  private func decoded(_ chunks: [Tensor]) -> [Tensor] {
    Cores.map(chunks.count) { i in
      decoder(chunks[i], precision: precision).cast(to: .float32).removingAxis(0)
    }
  }

  /// Adds the next chunk, and takes the samples that no later one reaches.
  private mutating func finished(adding chunk: Tensor) -> Tensor {
    let y = scales.isEmpty ? chunk : chunk * scales[next]
    let weight = weight(of: y.shape[0])
    (sum, weights) = (sum.adding(y * weight), weights.adding(weight))
    next += 1
    let finished = next == chunks.count ? 0 : min(step, sum.shape[0])
    let done = (sum[..<finished], weights[..<finished])
    (sum, weights) = (sum[finished...], weights[finished...])
    return done.0 / done.1
  }

  /// `½ - |t - ½|` at the samples of the first chunk, evenly spaced within 0 and 1; `[n, 1]`.
  private func weight(of samples: Int) -> Tensor {
    let length = frames(of: 0) * frameLength
    let weight = (0..<samples).map { i in
      0.5 - abs(Float(i + 1) / Float(length + 1) - 0.5)
    }
    return Tensor(weight, shape: [samples, 1])
  }
}

extension Tensor {
  /// The sum of two matrices that begin at the same row; the shorter counts as zero beyond its end.
  fileprivate func adding(_ other: Tensor) -> Tensor {
    let common = min(shape[0], other.shape[0])
    let rest = shape[0] > common ? self[common...] : other[common...]
    return .concatenated([self[..<common] + other[..<common], rest], axis: 0)
  }
}
