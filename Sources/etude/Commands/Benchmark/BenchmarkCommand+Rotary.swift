import ArgumentParser
import Benchmarks
import Foundation
import Tensor

extension BenchmarkCommand {
  /// Rotary positions beside a copy.
  struct Rotary: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotary", abstract: "Measure rotary positions beside a plain copy.",
      discussion: "Example: etude benchmark rotary --json")

    @Option(help: "The type of the frames, fp32 or bf16.")
    var precision = Precision.fp32

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func run() throws {
      threads.apply()
      output.warn()
      let result = RotaryBenchmark.run(precision: precision)
      if output.json { return try output.printJSON(result) }
      func speed(_ gigabytes: Double) -> String { String(format: "%.1f GB/s", gigabytes) }
      print("copy of \(result.shape): \(speed(result.copyGigabytesPerSecond))")
      for c in result.cases {
        let share = 100 * c.gigabytesPerSecond / result.copyGigabytesPerSecond
        print("\(c.pairs.rawValue), \(c.name): \(speed(c.gigabytesPerSecond)), \(Int(share)) %")
      }
    }
  }
}
