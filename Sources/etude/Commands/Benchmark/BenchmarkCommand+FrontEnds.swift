import ArgumentParser
import Audio
import Benchmarks
import Foundation

extension BenchmarkCommand {
  /// The constant-Q transform.
  struct ConstantQTransform: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cqt", abstract: "Time the constant-Q transform of a batch of audio.",
      discussion: """
        336 bins, 75 frames per second, 24 kHz.
        Example: etude benchmark cqt --batch 8 --json
        """)

    @OptionGroup var measurement: FrontEndMeasurement

    func run() throws { try measurement.run(.cqt) }
  }

  /// The mel spectrogram.
  struct Mel: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mel", abstract: "Time the mel spectrogram of a batch of audio.",
      discussion: """
        229 bands under 2048 samples, 75 frames per second, 24 kHz.
        Example: etude benchmark mel --batch 8 --json
        """)

    @OptionGroup var measurement: FrontEndMeasurement

    func run() throws { try measurement.run(.mel) }
  }

  /// Cepstral coefficients.
  struct Cepstra: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mfcc", abstract: "Time Kaldi's MFCC with slopes of a batch of audio.",
      discussion: """
        13 coefficients and their slopes, 100 frames per second, 24 kHz.
        Example: etude benchmark mfcc --batch 8 --json
        """)

    @OptionGroup var measurement: FrontEndMeasurement

    func run() throws { try measurement.run(.mfcc) }
  }
}

/// What the benchmarks of front ends share.
struct FrontEndMeasurement: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many signals are computed at once.")
  var batch = 8

  @Option(parsing: .unconditional, help: "The length of each, seconds.")
  var clipSeconds = 5.0

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: BenchmarkOutput

  func validate() throws {
    try require(batch: batch, clipSeconds: clipSeconds)
  }

  func run(_ name: FrontEndBenchmark.Case) throws {
    threads.apply()
    output.warn()
    let result = FrontEndBenchmark.run(name, batch: batch, clipSeconds: clipSeconds)
    if output.json { return try output.printJSON(result) }
    func milliseconds(_ seconds: Double) -> String { String(format: "%.2f ms", seconds * 1e3) }
    print(
      "\(name.rawValue), \(batch) × \(clipSeconds) s, \(result.threads) threads: "
        + "\(milliseconds(result.secondsMedian)), at best \(milliseconds(result.secondsBest)); "
        + "\(Int(result.audioSecondsPerSecond)) s of audio a second")
  }
}
