import ArgumentParser
import Benchmarks
import Foundation
import Models
import Settings
import Tensor
import Train
import YAML

extension BenchmarkCommand {
  /// Hidden states of a model.
  struct Embed: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "embed", abstract: "Time the hidden states of a model.",
      discussion: """
        Noise in memory, all layers. The first run touches its memory for the first time, as the one \
        run of etude embed does; the median is over those after it. --window as long as the audio \
        makes it one pass.

        Example:
          etude benchmark embed --recipe recipes/mert/95m-rvq-cqt.yaml --seconds 60
        """)

    @Option(
      help: ArgumentHelp(
        "A model, or a run, of which the latest checkpoint is taken.", valueName: "dir"))
    var model: String?

    @Option(help: "A recipe, whose encoder is made with random weights; instead of --model.")
    var recipe: String?

    @Option(parsing: .unconditional, help: "The length of the audio, seconds.")
    var seconds = 60.0

    @Option(help: "The precision of a pass, fp32 or bf16.")
    var precision = Precision.fp32

    @Option(
      parsing: .unconditional, help: "The longest window that is encoded in one pass, seconds.")
    var window = 30.0

    @Option(parsing: .unconditional, help: "The overlap of two windows, seconds.")
    var overlap = 2.0

    @Option(parsing: .unconditional, help: "Windows that are encoded at once.")
    var batch = 1

    @Option(parsing: .unconditional, help: "Timed runs, after one that is not.")
    var runs = 3

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func validate() throws {
      if (model == nil) == (recipe == nil) {
        throw ValidationError("give either --model or --recipe")
      }
      try require("--seconds", seconds, in: 0.001...36_000)
      try require("--batch", batch, in: 1...65_536)
      try require("--runs", runs, in: 1...1_000_000)
    }

    func run() throws {
      threads.apply()
      output.warn()
      precision.warn()
      let result = try EmbedBenchmark.run(
        encoder(), seconds: seconds, precision: precision,
        windows: .init(seconds: window, overlapSeconds: overlap, batchSize: batch), runs: runs)
      output.json ? try output.printJSON(result) : print(result.summary)
    }

    private func encoder() throws -> AudioEncoder {
      if let model { return try .load(modelPath(model)) }
      var generator = RandomStream(seed: 0, purpose: .initialisation)
      return try AudioEncoder(
        RecipeFile.load(Recipe.self, from: recipe ?? "").encoder, using: &generator)
    }
  }
}

extension EmbedBenchmark.Result {
  fileprivate var summary: String {
    func short(_ value: Double) -> String { String(format: "%.3g", value) }
    return """
      \(short(audioSeconds)) s in windows of \(short(windowSeconds)) s, \(precision.rawValue), \
      \(threads) threads: \(short(secondsMedian)) s, the first time \(short(secondsFirst)) s
      \(short(audioSecondsPerSecond)) s of audio a second; \(short(flopOfOnePass * 1e-12)) TFLOP in \
      one pass, and \(short(gemmPeakGflops)) GFLOP/s at best
      \(short(Double(peakRssBytes) * 1e-9)) GB at most
      """
  }
}
