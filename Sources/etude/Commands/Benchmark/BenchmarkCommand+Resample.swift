import ArgumentParser
import Audio
import Benchmarks
import Foundation

extension BenchmarkCommand {
  /// Resampling.
  struct Resample: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resample", abstract: "Time resampling.",
      discussion: "Example: etude benchmark resample --resampler sinc --batch 1 --json")

    @Option(help: "The resampler: soxr, or torchaudio's sinc.")
    var resampler = Resampler.soxr

    @Option(parsing: .unconditional, help: "The rate of the signals, Hz.")
    var from = 44_100

    @Option(parsing: .unconditional, help: "The rate of the result, Hz.")
    var to = 24_000

    @Option(parsing: .unconditional, help: "How many signals are resampled at once.")
    var batch = 1

    @Option(parsing: .unconditional, help: "The length of each, seconds.")
    var clipSeconds = 10.0

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func validate() throws {
      try require("--from", from, in: 1...1_000_000)
      try require("--to", to, in: 1...1_000_000)
      try require(batch: batch, clipSeconds: clipSeconds)
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
