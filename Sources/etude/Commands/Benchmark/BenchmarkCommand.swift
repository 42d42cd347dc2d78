import ArgumentParser
import Audio
import Benchmarks
import Foundation
import Settings
import Tensor
import Train
import YAML

/// Measures the speed of this machine and of this program on it.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: """
      Measure products, kernels, convolutions, positions, training, embedding, codes, features, resampling \
      and clustering.
      """,
    subcommands: [
      Products.self, Kernels.self, Depthwise.self, Rotary.self, Step.self, Embed.self, Codes.self,
      ConstantQTransform.self, Mel.self, Cepstra.self, Resample.self, Clustering.self,
    ])

  /// Matrix products at the shapes of a base model.
  struct Products: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "gemm", abstract: "Measure matrix products at a base model's shapes.",
      discussion: "Example: etude benchmark gemm --json")

    @Option(help: "The precision of the products, fp32 or bf16.")
    var precision = Precision.fp32

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func run() throws {
      threads.apply()
      output.warn()
      precision.warn()
      let result = ProductBenchmark.run(precision: precision)
      if output.json { return try output.printJSON(result) }
      for c in result.cases {
        let name = c.name.padded(to: 18)
        print("\(name) [\(c.m), \(c.k)] × [\(c.k), \(c.n)]: \(Int(c.gflops)) GFLOP/s")
      }
    }
  }

  /// Whole optimiser steps of a recipe.
  struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "step", abstract: "Time whole optimiser steps of a recipe.",
      discussion: """
        Layer drop is off, so that every step does the same work; everything else is the recipe's. To \
        time steps that read music from disk: --data DIR --set data.decoding=onDemand

        Example:
          etude benchmark step --recipe recipes/mert/95m-rvq-cqt.yaml --batch 1
        """)

    @Option(help: "The recipe.")
    var recipe: String

    @Option(help: "A folder of music, or a manifest; noise in memory unless given.")
    var data: String?

    @Option(parsing: .unconditional, help: "Crops in a step; the recipe's unless given.")
    var batch: Int?

    @Option(help: "The precision of a step, fp32 or bf16; the recipe's unless given.")
    var precision: Precision?

    @Option(parsing: .unconditional, help: "Steps to time.")
    var steps = 5

    @Option(parsing: .unconditional, help: "Steps before them that are not timed.")
    var warmup = 2

    @Option(
      name: .customLong("set"),
      help: "Change a setting of the recipe, as in --set training.batchSize=4.")
    var settings: [String] = []

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func validate() throws {
      try require("--steps", steps, in: 1...1_000_000)
      try require("--warmup", warmup, in: 0...1_000_000)
      try require("--batch", batch, in: 1...Recipe.Training.mostCrops)
    }

    func run() throws {
      threads.apply()
      output.warn()
      var loaded = try RecipeFile.load(Recipe.self, from: recipe, settings: settings)
      if let batch { loaded.training.batchSize = batch }
      if let precision { loaded.training.precision = precision }
      loaded.training.precision.warn()
      let result = try namingFiles(of: [(recipe, loaded)]) { try time(loaded) }
      output.json ? try output.printJSON(result) : print(result.summary)
    }

    private func time(_ recipe: Recipe) throws -> StepBenchmark.Result {
      var benchmark = try StepBenchmark(
        recipe, data: data.map { try Manifest.open($0) },
        scratch: FileManager.default.temporaryDirectory)
      return try benchmark.run(warmup: warmup, steps: steps)
    }
  }
}

/// How a benchmark prints.
struct BenchmarkOutput: ParsableArguments {
  @Flag(help: "Print one JSON object.")
  var json = false

  /// Warns on standard error of what makes this machine slower than it need be.
  func warn() {
    for warning in Machine.current.warnings { note("warning: \(warning)") }
  }

  func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

extension StepBenchmark.Result {
  fileprivate var summary: String {
    func short(_ value: Double) -> String { String(format: "%.3g", value) }
    return """
      \(recipe), \(batch) crops, \(precision.rawValue), \(threads) threads
      \(short(stepSecondsMedian)) s a step, \(short(audioSecondsPerSecond)) s of audio a second
      \(short(flopPerStep * 1e-12)) TFLOP of products a step, \(short(fractionOfPeak * 100)) % of \
      this machine's \(short(gemmPeakGflops)) GFLOP/s
      \(short(Double(peakRssBytes) * 1e-9)) GB at most
      """
  }
}
