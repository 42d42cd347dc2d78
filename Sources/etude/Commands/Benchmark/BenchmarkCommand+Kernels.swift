import ArgumentParser
import Benchmarks
import Foundation
import Settings
import Tensor

extension BenchmarkCommand {
  /// Single kernels beside the peak of a core.
  struct Kernels: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "kernels", abstract: "Measure single kernels beside the peak of one core.",
      discussion: """
        The peak is that of multiplications and additions in registers. With ETUDE_MAX_CPU=avx2 (or \
        sse2, avx512) in the environment it measures the kernels for such a CPU, beside the peak of its \
        instructions.
        Example: etude benchmark kernels --json
        """)

    @OptionGroup var output: BenchmarkOutput

    func run() throws {
      Cores.count = 1
      output.warn()
      let result = KernelBenchmark.run()
      if output.json { return try output.printJSON(result) }
      let features = result.features.joined(separator: " ")
      print("one core, \(features): \(short(result.peakGflops)) GFLOP/s")
      for c in result.cases {
        let name = "\(c.name), \(c.size)".padded(to: 50)
        print("\(name) \(short(c.gflops)) GFLOP/s, \(Int((100 * c.shareOfPeak).rounded())) %")
      }
    }

    private func short(_ gflops: Double) -> String { String(format: "%6.1f", gflops) }
  }
}
