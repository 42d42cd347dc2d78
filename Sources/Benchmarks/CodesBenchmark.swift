import Models
import Tensor

/// Times how a codec turns audio into codes, on noise.
public enum CodesBenchmark {
  /// What was measured.
  public struct Result: Codable, Sendable {
    /// Of the audio.
    public var audioSeconds: Double
    /// Codes of a frame.
    public var codebooks: Int
    /// What the encoder computed in.
    public var precision: Precision
    /// Threads that worked.
    public var threads: Int
    /// Parameters of the encoder.
    public var parameters: Int
    /// The first run, which touches its memory for the first time.
    public var secondsFirst: Double
    /// The duration of each later run.
    public var seconds: [Double]
    /// Their median.
    public var secondsMedian: Double
    /// Seconds of audio a second, by the median.
    public var audioSecondsPerSecond: Double
    /// The most memory that this process held.
    public var peakRssBytes: Int
  }

  /// Encodes the same noise once, and then `runs` times.
  ///
  /// - Parameters:
  ///   - codec: The codec.
  ///   - seconds: The length of the audio.
  ///   - codebooks: Codes of a frame.
  ///   - precision: What the encoder computes in.
  ///   - runs: Timed runs.
  /// - Throws: `ModelError.waveform` if there is no sample.
  public static func run(
    _ codec: Codec, seconds: Double, codebooks: Int, precision: Precision, runs: Int
  ) throws -> Result {
    let coder = CodecCoder(codec, precision: precision)
    var generator = RandomStream(seed: 0, purpose: .corpus)
    let count = Int(seconds * Double(codec.config.sampleRate)) * codec.config.channels
    let samples = (0..<count).map { _ in Float.random(in: -0.2..<0.2, using: &generator) }
    let durations = try (0...runs).map { _ in
      try ContinuousClock().measure {
        _ = try coder.codes(of: samples, codebooks: codebooks)
      } / .seconds(1)
    }
    let later = Array(durations.dropFirst())
    return Result(
      audioSeconds: seconds, codebooks: codebooks, precision: precision, threads: Cores.count,
      parameters: codec.encoder.parameterCount, secondsFirst: durations[0], seconds: later,
      secondsMedian: later.median!, audioSecondsPerSecond: seconds / later.median!,
      peakRssBytes: peakResidentBytes())
  }
}
