import ArgumentParser
import Benchmarks
import Foundation
import Models
import Settings
import Tensor
import Train
import YAML

/// What a recipe is going to take.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show a recipe's parameters, operations, memory and time before a run.",
    discussion: """
      Reads only the recipe, and of models that features of its streams come from the \
      configuration if they are there, and builds nothing. The time assumes that products run at 0.8 \
      of the best rate of this machine, which is measured for two seconds. It is right for base and large models \
      and too short for small ones; etude benchmark step times real steps. On a CPU without bf16 \
      products the time of a recipe in bf16 is that of fp32 products.

      Example:
        etude plan recipes/mert/95m-kmeans-cqt.yaml --set training.precision=bf16
      """)

  @Argument(help: "The recipe.")
  var recipe: String

  @Option(
    name: .customLong("set"),
    help: "Change a setting of the recipe, as in --set training.batchSize=4.")
  var settings: [String] = []

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: BenchmarkOutput

  func run() throws {
    threads.apply()
    let recipe = try RecipeKind.load(from: recipe, settings: settings)
    let plan = try recipe.plan()
    do { try recipe.checkMachine() } catch { note("this machine cannot train it: \(error)") }
    plan.precision.warn()
    let peak = ProductBenchmark.run(precision: plan.measuredPrecision).peak
    if output.json { return try output.printJSON(Report(plan: plan, peak: peak)) }
    print(plan.summary(peak: peak))
  }

  /// The plan and what this machine makes of it.
  private struct Report: Encodable {
    var plan: TrainingPlan
    var gemmPeakGflops: Double
    var stepSeconds: Double
    var peakBytes: Double
    var encoderParameters: Int
    var parameters: Int

    init(plan: TrainingPlan, peak: Double) {
      (self.plan, gemmPeakGflops) = (plan, peak)
      (stepSeconds, peakBytes) = (plan.secondsPerStep(peak: peak), plan.costs.peakBytes)
      (encoderParameters, parameters) = (plan.costs.encoderParameters, plan.costs.parameters)
    }
  }
}

extension TrainingPlan {
  /// What the machine's fastest product is measured in: the recipe's precision if the CPU has such products.
  fileprivate var measuredPrecision: Precision {
    precision.warning() == nil ? precision : .fp32
  }

  fileprivate func summary(peak: Double) -> String {
    let batches = accumulation > 1 ? "\(accumulation) times " : ""
    let size = "\(batches)\(batchSize) crops of \(short(cropSeconds)) s, \(precision.rawValue)"
    let lines = costRows + timeRows(peak: peak) + stageRows(peak: peak)
    return ([("\(recipe): \(size)", "")] + lines).map(line).joined(separator: "\n")
  }

  private var costRows: [Row] {
    let machine = UsableMemory.current
    return rows(of: costs.parameterParts) { Int($0).formatted() }
      + rows(of: costs.productParts, in: tera) + rows(of: costs.memoryParts, in: giga)
      + [
        (
          machine.limit == .machine ? "this machine has" : "this process may use",
          giga(Double(machine.bytes))
        )
      ]
  }

  private func rows(of parts: [PlannedPart], in words: (Double) -> String) -> [Row] {
    [("", "")]
      + parts.map { (String(repeating: "  ", count: $0.depth) + $0.name, words($0.amount)) }
  }

  private func timeRows(peak: Double) -> [Row] {
    let seconds = secondsPerStep(peak: peak)
    return [
      ("", ""), ("fastest product here, \(measuredPrecision.rawValue)", "\(Int(peak)) GFLOP/s"),
      ("a step, about", "\(short(seconds)) s"),
      ("audio a second", "\(short(audioSeconds / seconds)) s"),
      ("\(steps.formatted()) steps", duration(seconds * Double(steps))),
    ]
  }
}

extension TrainingPlan {
  /// What the earlier stages take, and all together; nothing without them.
  private func stageRows(peak: Double) -> [Row] {
    guard !stages.isEmpty else { return [] }
    let rows = stages.map { stage in
      let time = duration(stage.secondsPerStep(peak: peak) * Double(stage.steps))
      return ("\(stage.recipe) before", "\(stage.steps.formatted()) steps, \(time)")
    }
    return [("", "")] + rows + [("all stages", duration(seconds(peak: peak)))]
  }
}

/// A name and its figure.
private typealias Row = (name: String, value: String)

private func line(_ row: Row) -> String {
  if row.value.isEmpty { return row.name }
  let name = row.name.padded(to: 28)
  return name + String(repeating: " ", count: max(0, 14 - row.value.count)) + row.value
}

private func short(_ value: Double) -> String { String(format: "%.3g", value) }
private func tera(_ operations: Double) -> String {
  String(format: "%.3f TFLOP", operations / 1e12)
}
private func giga(_ bytes: Double) -> String { String(format: "%.2f GB", bytes / 1e9) }

private func duration(_ seconds: Double) -> String {
  switch seconds {
  case ..<120: "\(short(seconds)) s"
  case ..<7200: "\(short(seconds / 60)) min"
  case ..<172_800: "\(short(seconds / 3600)) h"
  case ..<31_557_600: "\(Int(seconds / 86_400)) days"
  default: "\(short(seconds / 31_557_600)) years"
  }
}
