import Benchmarks
import Foundation
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

/// Memory of whole steps of the laptop-sized MERT, in processes of their own: the figures are the
/// process's. One thread, so that how many buffers are out at once does not hang on timing.
@Suite struct StepMemoryTests {
  private static func benchmark(
    _ name: String, _ precision: Precision
  ) throws -> (recipe: Recipe, steps: StepBenchmark) {
    Cores.count = 1
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var recipe = try RecipeFile.load(
      Recipe.self, from: root.appending(path: "recipes/nano/\(name).yaml").path)
    (recipe.training.precision, recipe.training.batchSize) = (precision, 8)
    return (recipe, try StepBenchmark(recipe, scratch: FileManager.default.temporaryDirectory))
  }

  /// How many frames are predicted differs from step to step, and crops are made ahead whenever there is
  /// time, so a later step may need a little more; but that ends, and a leak does not.
  @Test func stepsKeepToTheMemoryOfTheFirstTwo() async {
    await Self.expectSteadyMemory(in: .fp32)
  }

  @Test func stepsInBF16KeepToTheMemoryOfTheFirstTwo() async {
    await Self.expectSteadyMemory(in: .bf16)
  }

  private static func expectSteadyMemory(in precision: Precision) async {
    await #expect(processExitsWith: .success) { [precision] in
      var (_, steps) = try Self.benchmark("mert-nano", precision)
      _ = try steps.advance(2)
      let reserved = try [0, 6, 6, 6, 6].map { more in
        _ = try steps.advance(more)
        return Double(MemoryStatistics.current.reserved)
      }
      #expect(reserved.last! <= 1.1 * reserved[0], "\(reserved)")
      #expect(zip(reserved, reserved.dropFirst()).contains { $1 <= 1.005 * $0 }, "\(reserved)")
    }
  }

  /// The estimate's parts that are tensors, against the most that tensors held.
  @Test(arguments: ["mert-nano", "musichubert-nano", "music2vec/multimask"])
  func theEstimateIsRightWithinATenth(name: String) async {
    await Self.expectRightEstimate(name, in: .fp32)
  }

  @Test(arguments: ["mert-nano", "musichubert-nano", "music2vec/multimask"])
  func theEstimateInBF16IsRightWithinATenth(name: String) async {
    await Self.expectRightEstimate(name, in: .bf16)
  }

  private static func expectRightEstimate(_ name: String, in precision: Precision) async {
    await #expect(processExitsWith: .success) { [name, precision] in
      var (recipe, steps) = try Self.benchmark(name, precision)
      _ = try steps.advance(2)
      let estimate = recipe.memory
      let foreseen = estimate.peak - estimate.program - estimate.scattered
      let measured = Double(MemoryStatistics.current.peak)
      #expect(abs(foreseen / measured - 1) < 0.1, "\(foreseen) foreseen, \(measured) measured")
    }
  }
}
