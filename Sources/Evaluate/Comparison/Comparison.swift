import Audio
import Foundation
import Models
import Pretrain
import Tensor
import Train

/// Runs what has not run yet, probes every model beside its own random initialisation, and reports.
///
/// Below the folder: a run's folder under its recipe's name, the teachers' labels under `labels/`,
/// shared by the recipes that ask for the same, and the report.
public struct Comparison {
  /// What the comparison is doing, for whoever watches.
  public enum Stage {
    /// A run of this name begins.
    case run(String)
    /// A run of this name is there already.
    case reused(String)
    /// The training of a run of this name cannot go on; the other runs do.
    case stopped(String, reason: String)
    /// Inside a run.
    case session(Session.Stage)
    /// Probing a model: pieces embedded, of how many.
    case probing(String, Int, of: Int)
  }

  let recipes: [Recipe]
  let seeds: [Int]
  private let data: String
  let folder: URL
  let watch: (Stage) -> Void

  /// - Parameters:
  ///   - data: A folder of music or a manifest.
  ///   - seeds: Trains every recipe with each of these, so that the intervals cover the spread of training
  ///     too; empty to train it once, with its own.
  ///   - folder: Where runs and report go.
  /// - Throws: `RunError.recipe` if a recipe does not hold together or two have one name.
  public init(
    _ recipes: [Recipe], seeds: [Int] = [], data: String, folder: URL,
    watch: @escaping (Stage) -> Void
  ) throws {
    (self.recipes, self.seeds, self.data) = (recipes, seeds, data)
    (self.folder, self.watch) = (folder, watch)
    for recipe in recipes {
      try recipe.check()
      guard recipes.count(where: { $0.name == recipe.name }) == 1 else {
        throw RunError.recipe(
          recipe.name, reason: "two of the recipes have this name; give each its own")
      }
    }
  }

  /// Trains what is not trained yet, probes and writes the report.
  ///
  /// - Parameters:
  ///   - probes: How to probe; nothing is probed if the data has no labels of the built-in corpus.
  ///   - commands: The command lines to show in the report.
  /// - Returns: The page.
  /// - Throws: `RunError.stopped` if runs collapsed or diverged, after all others were trained.
  public func run(probes: ProbeRecipe, commands: [String]) throws -> URL {
    let clock = ContinuousClock()
    let start = clock.now
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw RunError.unwritable(folder.path, reason: error.localizedDescription)
    }
    let runs = try train()
    let (rows, method) = try probe(recipes, on: URL(fileURLWithPath: data), by: probes)
    let report = ComparisonReport(
      title: recipes.map(\.name).joined(separator: ", "), date: Date(),
      machine: .this(etudeVersion: etudeVersion), commands: commands,
      seconds: (clock.now - start) / .seconds(1), runs: runs, probes: rows, method: method)
    return try report.write(to: folder)
  }

  /// The runs of a recipe: itself, or itself with each of the seeds, in its name too.
  func runs(of recipe: Recipe) -> [Recipe] {
    seeds.isEmpty ? [recipe] : seeds.map { recipe.seeded($0) }
  }

  /// The folder of a run.
  func runFolder(_ recipe: Recipe) -> URL { folder.appendingPathComponent(recipe.name) }
}

extension Comparison {
  /// Trains every recipe with the first seed before any with the second.
  private func train() throws -> [RunSummary] {
    let runs = recipes.map(runs)
    let inOrder = runs[0].indices.flatMap { seed in runs.map { $0[seed] } }
    let pending = try inOrder.filter { try !isDone($0) }
    for run in inOrder where !pending.contains(run) { watch(.reused(run.name)) }
    for run in pending { try run.checkMachine() }
    if !pending.isEmpty {
      let scan = try Manifest.open(data)
      var stopped: [(run: String, reason: String)] = []
      // One of them may have been trained as another's stage by then.
      for run in pending where try !isDone(run) {
        do {
          try train(run, on: scan)
        } catch let error where error.stopsOneRun {
          stopped.append((run.name, "\(error)"))
          watch(.stopped(run.name, reason: "\(error)"))
        }
      }
      if !stopped.isEmpty { throw RunError.stopped(stopped) }
    }
    return try zip(recipes, runs).map { recipe, runs in
      let summaries = try runs.map { try RunSummary(of: runFolder($0), recipe: $0) }
      return RunSummary(recipe.name, of: summaries)
    }
  }

  /// Whether the run has made its last step.
  /// - Throws: `RunError.checkpoint` if there is a run of another recipe under this name.
  private func isDone(_ recipe: Recipe) throws -> Bool {
    guard let step = try PretrainingRun.latestStep(of: runFolder(recipe), recipe: recipe) else {
      return false
    }
    return step >= recipe.training.steps
  }

  private func train(_ recipe: Recipe, on scan: Manifest.Scan) throws {
    watch(.run(recipe.name))
    let session = try Session(recipe, data: scan, scratch: folder) { watch(.session($0)) }
    let labels = folder.appendingPathComponent("labels/\(try Teaching.key(of: recipe))")
    let begun = try PretrainingRun.latestStep(of: runFolder(recipe), recipe: recipe) != nil
    // A stage that is one of the recipes, or of two of them, is trained once.
    try session.train(in: runFolder(recipe), labels: labels, stages: folder, resuming: begun)
  }
}

extension Error {
  /// Whether this is what a training came to, not what would end every other too.
  fileprivate var stopsOneRun: Bool {
    switch self as any Error {
    case EMAError.collapsed, RunError.diverged: true
    default: false
    }
  }
}

extension RunSummary {
  /// Runs of one recipe together: the settings and curves of the first, the time of all.
  fileprivate init(_ name: String, of runs: [RunSummary]) {
    self = runs[0]
    self.name = name
    seconds = runs.reduce(0) { $0 + $1.seconds }
  }

  /// What the folder of a run says.
  fileprivate init(of run: URL, recipe: Recipe) throws {
    let steps = try RunLog.steps(of: run.logFile)
    let information = try RunInformation(of: run)
    let starts = [0] + steps.map(\.step)
    self.init(
      name: recipe.name,
      // Of an earlier stage, its name says enough.
      recipe: try RecipeFile.flattened(recipe)
        .filter { !$0.path.contains(".layer.recipe.") || $0.path.hasSuffix(".layer.recipe.name") }
        .map { Setting(path: $0.path, value: $0.value) },
      log: steps.map(LogPoint.init), parameters: information.parameters,
      steps: steps.last?.step ?? 0,
      seconds: zip(starts, steps).reduce(0) {
        $0 + Double($1.1.step - $1.0) * $1.1.secondsPerStep
      },
      skipped: information.skipped.map { SkippedFile(path: $0.path, reason: $0.reason) })
  }
}

extension LogPoint {
  fileprivate init(_ record: StepRecord) {
    self.init(
      step: record.step, loss: Double(record.loss), terms: record.terms.mapValues(Double.init),
      learningRate: Double(record.learningRate), gradientNorm: Double(record.gradientNorm),
      secondsPerStep: record.secondsPerStep, audioSecondsPerSecond: record.audioSecondsPerSecond)
  }
}
