import ArgumentParser
import Audio
import Foundation

extension BenchmarkCommand {
  /// Resampling.
  struct Resample: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resample", abstract: "Time resampling.",
      discussion: "Example: etude benchmark resample --resampler sinc --batch 1 --json")

    @Option(help: "soxr, or sinc for torchaudio's.")
    var resampler = Resampler.soxr

    @Option(help: "The rate of the signals, Hz.")
    var from = 44_100

    @Option(help: "The rate wanted, Hz.")
    var to = 24_000

    @Option(help: "Signals at once.")
    var batch = 1

    @Option(help: "The length of each, seconds.")
    var clipSeconds = 10.0

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func validate() throws {
      if from < 1 || to < 1 { throw ValidationError("--from and --to: need at least 1 Hz") }
      if batch < 1 { throw ValidationError("--batch: needs at least 1") }
      if !(0.001...3600).contains(clipSeconds) {
        throw ValidationError("--clip-seconds: needs 0.001 to 3600 seconds")
      }
    }

    func run() throws {
      threads.apply()
      output.warn()
      let result = ResamplerBenchmark.run(
        resampler, from: from, to: to, batch: batch, clipSeconds: clipSeconds)
      if output.json { return try output.printJSON(result) }
      let milliseconds = String(format: "%.2f ms", result.secondsMedian * 1e3)
      print(
        "\(resampler.rawValue), \(batch) × \(clipSeconds) s, \(from) to \(to) Hz, "
          + "\(result.threads) threads: \(milliseconds)")
    }
  }
}

extension Resampler: ExpressibleByArgument {}
