import ArgumentParser
import Benchmarks
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor

extension BenchmarkCommand {
  /// Clustering of frames.
  struct Clustering: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "kmeans", abstract: "Time k-means on the features of a file.",
      discussion: """
        Takes what etude features wrote. The fit is timed as a whole, its last look at all frames \
        included.
        Examples:
          etude features mfcc39 corpus/piece-0000.wav --out frames.safetensors
          etude benchmark kmeans frames.safetensors --clusters 500 --json
        """)

    @Argument(help: ArgumentHelp("Features, .safetensors.", valueName: "file"))
    var features: String

    @Option(parsing: .unconditional, help: "How many clusters to fit.")
    var clusters = 500

    @Option(
      parsing: .unconditional,
      help: "How many times the centroids are seeded; the best seeding is refined.")
    var restarts = 20

    @Option(parsing: .unconditional, help: "Frames in a mini-batch.")
    var batch = 10_000

    @Option(parsing: .unconditional, help: "The seed of all random draws, 0 or more.")
    var seed: UInt64 = 0

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    private var config: KMeans.Config {
      var config = KMeans.Config()
      (config.clusters, config.restarts, config.batchFrames) = (clusters, restarts, batch)
      return config
    }

    func validate() throws {
      do {
        try config.validate()
      } catch {
        let option = error.path == "batchFrames" ? "batch" : error.path
        throw ValidationError("--\(option): \(error.reason)")
      }
    }

    func run() throws {
      threads.apply()
      output.warn()
      let frames = try SafeTensors(contentsOf: URL(fileURLWithPath: features)).tensor("features")
      guard frames.rank == 2, frames.shape[1] > 0, frames.dtype == .float32 else {
        throw ModelError.file(features, problem: "holds no frames [frames, width]")
      }
      let result = try KMeansBenchmark.run(frames, config: config, seed: seed)
      output.json ? try output.printJSON(result) : print(result.summary)
    }
  }
}

extension KMeansBenchmark.Result {
  fileprivate var summary: String {
    func short(_ value: Double) -> String { String(format: "%.3g", value) }
    return """
      \(frames) frames of \(width), \(clusters) clusters, \(threads) threads
      \(short(fitSeconds)) s for \(restarts) seedings (\(short(seedingSeconds)) s) and \(batches) \
      mini-batches; inertia \(String(format: "%.6g", inertia))
      \(short(assignSeconds)) s for all codes, \(short(assignGflops)) GFLOP/s
      """
  }
}
