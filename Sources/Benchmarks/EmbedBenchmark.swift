import Models
import Tensor
import Train

/// Times how an encoder turns audio into its hidden states, on noise.
public enum EmbedBenchmark {
  /// What was measured.
  public struct Result: Codable, Sendable {
    /// Of the audio.
    public var audioSeconds: Double
    /// Of the operands of products.
    public var precision: Precision
    /// The longest that was encoded in one pass, seconds.
    public var windowSeconds: Double
    /// Threads that worked.
    public var threads: Int
    /// Numbers that the encoder learned.
    public var parameters: Int
    /// The first run, which touches its memory for the first time: what a single file takes.
    public var secondsFirst: Double
    /// The duration of each later run.
    public var seconds: [Double]
    /// Their median.
    public var secondsMedian: Double
    /// Seconds of audio a second, by the median.
    public var audioSecondsPerSecond: Double
    /// Operations of the products if all is encoded in one pass.
    public var flopOfOnePass: Double
    /// The fastest product that this process met right after the runs, 10⁹ operations a second.
    public var gemmPeakGflops: Double
    /// The most memory that this process held.
    public var peakRssBytes: Int
  }

  /// Encodes the same noise once, and then `runs` times.
  ///
  /// - Parameter seconds: The length of the audio.
  /// - Throws: `ModelError.waveform` if audio and windows do not fit the model.
  public static func run(
    _ encoder: AudioEncoder, seconds: Double, precision: Precision,
    windows: EncoderWindows, runs: Int
  ) throws -> Result {
    var generator = RandomStream(seed: 0, purpose: .corpus)
    let count = Int(seconds * Double(encoder.config.sampleRate))
    let samples = (0..<count).map { _ in Float.random(in: -0.2..<0.2, using: &generator) }
    let durations = try (0...runs).map { _ in
      try ContinuousClock().measure {
        _ = try encoder.stackedHiddenStates(of: samples, precision: precision, windows: windows)
      } / .seconds(1)
    }
    let later = Array(durations.dropFirst())
    let memory = peakResidentBytes()
    return Result(
      audioSeconds: seconds, precision: precision, windowSeconds: windows.seconds,
      threads: Cores.count, parameters: encoder.parameterCount, secondsFirst: durations[0],
      seconds: later, secondsMedian: later.median!,
      audioSecondsPerSecond: seconds / later.median!,
      flopOfOnePass: 2 * encoder.config.products(samples: count),
      gemmPeakGflops: ProductBenchmark.run(precision: precision).peak, peakRssBytes: memory)
  }
}

extension AudioEncoder.Config {
  /// Multiplications of one pass.
  fileprivate func products(samples: Int) -> Double {
    frontEnd.products(samples: samples).reduce(0, +)
      + transformerProducts(frames: frameCount(samples: samples))
  }
}
