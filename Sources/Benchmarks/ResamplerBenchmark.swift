import Audio
import Tensor

/// Times resampling: many signals at once, one on each core.
public enum ResamplerBenchmark {
  /// What was measured.
  public struct Result: Codable, Sendable {
    /// Which resampler.
    public var resampler: Resampler
    /// Hz.
    public var from: Int
    /// Hz.
    public var to: Int
    /// Signals at once.
    public var batch: Int
    /// The length of each, seconds.
    public var clipSeconds: Double
    /// Threads that worked.
    public var threads: Int
    /// The duration of each run over the batch, after one that does not count.
    public var seconds: [Double]
    /// Their median.
    public var secondsMedian: Double
  }

  /// Resamples noise for about two seconds.
  public static func run(
    _ resampler: Resampler, from old: Int, to new: Int, batch: Int, clipSeconds: Double
  ) -> Result {
    let count = Int(clipSeconds * Double(old))
    let clips = (0..<batch).map { clip in
      var stream = RandomStream(seed: 0, purpose: .corpus, sample: clip)
      return (0..<count).map { _ in Float.random(in: -1..<1, using: &stream) }
    }
    var seconds: [Double] = []
    for run in 0..<1000 where seconds.count < 3 || seconds.reduce(0, +) < 2 {
      let duration = ContinuousClock().measure {
        Cores.forEach(batch) { _ = resampler.resample(clips[$0], from: old, to: new) }
      }
      if run > 0 { seconds.append(duration / .seconds(1)) }
    }
    return Result(
      resampler: resampler, from: old, to: new, batch: batch, clipSeconds: clipSeconds,
      threads: Cores.count, seconds: seconds, secondsMedian: seconds.sorted()[seconds.count / 2])
  }
}
