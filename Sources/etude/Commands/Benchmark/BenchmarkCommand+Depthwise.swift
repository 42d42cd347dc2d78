import ArgumentParser
import Benchmarks
import Foundation
import Tensor

extension BenchmarkCommand {
  /// Depthwise convolutions beside a copy.
  struct Depthwise: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "depthwise", abstract: "Measure depthwise convolutions beside a plain copy.",
      discussion: "Example: etude benchmark depthwise --json")

    @Option(help: "The type of the signals, fp32 or bf16.")
    var precision = Precision.fp32

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func run() throws {
      threads.apply()
      output.warn()
      let result = DepthwiseBenchmark.run(precision: precision)
      if output.json { return try output.printJSON(result) }
      func speed(_ gigabytes: Double) -> String { String(format: "%.1f GB/s", gigabytes) }
      print("copy of \(result.shape): \(speed(result.copyGigabytesPerSecond))")
      for c in result.cases {
        let share = 100 * c.gigabytesPerSecond / result.copyGigabytesPerSecond
        print("\(c.kernel) taps, \(c.name): \(speed(c.gigabytesPerSecond)), \(Int(share)) %")
      }
    }
  }
}
