import Audio
import Tensor

/// How fast this machine computes features of a batch of random audio.
public struct FrontEndBenchmark: Codable, Sendable {
  /// What is measured, each at MERT's settings.
  public enum Case: String, Codable, Sendable {
    /// 336 constant-Q bins, 75 frames per second.
    case cqt
    /// 229 HTK mel bands under 2048 samples, 75 frames per second.
    case mel
    /// 13 Kaldi MFCC and slopes, 100 frames per second.
    case mfcc

    /// The front end for audio at `sampleRate`, Hz.
    /// - Traps when: the rate does not fit it.
    public func frontEnd(sampleRate: Int) -> any FrontEnd {
      switch self {
      case .cqt: return ConstantQ(sampleRate: sampleRate)
      case .mfcc: return MFCC(sampleRate: sampleRate)
      case .mel:
        var config = MelSpectrogram.Config()
        (config.bands, config.lowestFrequency) = (229, 30)
        (config.scale, config.areaNormalized) = (.htk, false)
        return MelSpectrogram(config, sampleRate: sampleRate)
      }
    }
  }

  /// What was measured.
  public var name: Case
  /// Signals computed at once.
  public var batch: Int
  /// The length of each.
  public var clipSeconds: Double
  /// Threads that worked.
  public var threads: Int
  /// Times the batch was computed, but for one before that does not count.
  public var runs: Int
  /// The median duration of a run.
  public var secondsMedian: Double
  /// The shortest.
  public var secondsBest: Double
  /// Seconds of audio a second, by the median.
  public var audioSecondsPerSecond: Double

  private static let sampleRate = 24_000

  /// Computes the same batch again and again.
  ///
  /// - Parameter seconds: How long at least.
  public static func run(
    _ name: Case, batch: Int = 8, clipSeconds: Double = 5, seconds: Double = 1
  ) -> FrontEndBenchmark {
    let frontEnd = name.frontEnd(sampleRate: sampleRate)
    var generator = RandomStream(seed: 0, purpose: .corpus)
    let waveforms = Tensor.uniform(
      [batch, Int(clipSeconds * Double(sampleRate))], in: -0.2..<0.2, using: &generator)
    let clock = ContinuousClock()
    _ = frontEnd(waveforms)
    let start = clock.now
    var durations: [Double] = []
    repeat {
      durations.append(clock.measure { _ = frontEnd(waveforms) } / .seconds(1))
    } while clock.now - start < .seconds(seconds)
    durations.sort()
    let median = durations.median!
    return FrontEndBenchmark(
      name: name, batch: batch, clipSeconds: clipSeconds, threads: Cores.count,
      runs: durations.count, secondsMedian: median, secondsBest: durations[0],
      audioSecondsPerSecond: Double(batch) * clipSeconds / median)
  }
}
