import Foundation
import Models
import Tensor

/// How well a codec reconstructs some audio, for each number of codebooks.
public struct CodecMeasures: Codable, Sendable, Equatable {
  /// The measures of the first codebooks of a codec.
  public struct Row: Codable, Sendable, Equatable {
    /// The number of codebooks, `q`.
    public var codebooks: Int
    /// The rate of their codes, in kbit/s.
    public var kilobitsPerSecond: Double
    /// The entries of codebook `q` that occur.
    public var entriesUsed: Int
    /// The perplexity of the codes of codebook `q`: the number of equally frequent codes that would be as varied.
    public var perplexity: Double
    /// The bitrate efficiency of the first `q` codebooks together, 0 to 1, see `CodebookStatistics`.
    public var bitrateEfficiency: Double
    /// The mean ratio of signal to distortion of segments of 5 s, in decibels. Nil if it was not measured, or if the
    /// audio is silent.
    public var signalToDistortion: Double?
    /// The mean log-mel distance of frames, in nats. Nil if it was not measured.
    public var logMelDistance: Double?

    /// A row of any content.
    public init(
      codebooks: Int, kilobitsPerSecond: Double, entriesUsed: Int, perplexity: Double,
      bitrateEfficiency: Double, signalToDistortion: Double?, logMelDistance: Double?
    ) {
      (self.codebooks, self.kilobitsPerSecond) = (codebooks, kilobitsPerSecond)
      (self.entriesUsed, self.perplexity) = (entriesUsed, perplexity)
      self.bitrateEfficiency = bitrateEfficiency
      (self.signalToDistortion, self.logMelDistance) = (signalToDistortion, logMelDistance)
    }
  }

  /// The entries of each codebook, `K`.
  public var entries: Int
  /// The duration of the audio, in seconds.
  public var seconds: Double
  /// The frames of codes.
  public var frames: Int
  /// One for each codebook, from the first.
  public var rows: [Row]

  /// Measures of any content.
  public init(entries: Int, seconds: Double, frames: Int, rows: [Row]) {
    (self.entries, self.seconds, self.frames, self.rows) = (entries, seconds, frames, rows)
  }
}

/// Measures a codec on excerpts of audio, one at a time. Memory does not grow with their number.
public struct CodecMeasurement: Sendable {
  private let coder: CodecCoder
  private let decoded: [Int]
  private let distance: LogMelDistance
  private var statistics: CodebookStatistics
  private var (samples, frames) = (0, 0)
  private var ratios: [Int: Mean] = [:]
  private var distances: [Int: Mean] = [:]

  /// - Parameters:
  ///   - codec: The codec.
  ///   - decoded: The numbers of codebooks to decode with, all unless given. With each of them all of the audio is
  ///     decoded once.
  /// - Traps when: one of them is not between 1 and the codec's number of codebooks.
  public init(of codec: Codec, decoding decoded: [Int]? = nil) {
    let (all, config) = (1...codec.config.quantizer.codebooks, codec.config)
    self.decoded = decoded ?? Array(all)
    precondition(
      self.decoded.allSatisfy(all.contains),
      "CodecMeasurement: \(self.decoded) of \(all.upperBound) codebooks")
    coder = CodecCoder(codec)
    distance = LogMelDistance(sampleRate: config.sampleRate)
    statistics = CodebookStatistics(codebooks: all.upperBound, entries: config.quantizer.codes)
  }

  /// Encodes and decodes an excerpt.
  ///
  /// - Parameter excerpt: Samples, channels interleaved.
  /// - Returns: The reconstruction with each number of codebooks.
  /// - Throws: `ModelError.waveform` if there is no sample, or if the encoder yields a number that is not finite.
  @discardableResult
  public mutating func add(_ excerpt: [Float]) throws(ModelError) -> [Int: [Float]] {
    let coded = try coder.codes(of: excerpt, codebooks: coder.config.quantizer.codebooks)
    statistics.add(coded.codes.permuted([1, 0]))
    samples += coded.samples
    frames += coded.codes.shape[1]
    var reconstructions: [Int: [Float]] = [:]
    for count in decoded {
      let reconstruction = try coder.samples(of: coded.first(count))
      compare(reconstruction, excerpt, count)
      reconstructions[count] = reconstruction
    }
    return reconstructions
  }

  private mutating func compare(_ reconstruction: [Float], _ original: [Float], _ count: Int) {
    let (channels, segment) = (coder.config.channels, 5 * coder.config.sampleRate)
    for channel in 0..<channels {
      let x = reconstruction.channel(channel, of: channels)
      let y = original.channel(channel, of: channels)
      for ratio in SignalToDistortion.ratios(x, y, segment: segment) {
        ratios[count, default: Mean()].add(ratio)
      }
      distances[count, default: Mean()].add(
        distance(Tensor(x, shape: [1, x.count]), Tensor(y, shape: [1, y.count])),
        weight: Double(distance.frames(y.count)))
    }
  }

  /// The measures of all excerpts so far.
  public var measures: CodecMeasures {
    let config = coder.config
    let rate = Double(config.quantizer.bits) * Double(config.sampleRate) / Double(config.stride)
    let rows = statistics.codebooks.enumerated().map { index, codes in
      CodecMeasures.Row(
        codebooks: index + 1, kilobitsPerSecond: Double(index + 1) * rate / 1000,
        entriesUsed: codes.used, perplexity: frames > 0 ? codes.perplexity : 0,
        bitrateEfficiency: frames > 0 ? statistics.efficiency(ofFirst: index + 1) : 0,
        signalToDistortion: ratios[index + 1]?.value, logMelDistance: distances[index + 1]?.value)
    }
    return CodecMeasures(
      entries: config.quantizer.codes, seconds: Double(samples) / Double(config.sampleRate),
      frames: frames, rows: rows)
  }
}

/// A weighted mean.
private struct Mean {
  private var (sum, weight) = (0.0, 0.0)

  mutating func add(_ value: Double, weight: Double = 1) {
    sum += weight * value
    self.weight += weight
  }

  var value: Double { sum / weight }
}

extension CodedAudio {
  /// The same with the first codebooks alone.
  fileprivate func first(_ count: Int) -> CodedAudio {
    CodedAudio(codes: codes.sliced(axis: 0, 0..<count), scales: scales, samples: samples)
  }
}

extension [Float] {
  /// The samples of one of the interleaved channels.
  fileprivate func channel(_ channel: Int, of channels: Int) -> [Float] {
    channels == 1 ? self : stride(from: channel, to: count, by: channels).map { self[$0] }
  }
}
