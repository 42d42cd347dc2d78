import Audio
import Files
import Foundation
import Models
import Settings
import Tensor
import Train

/// Trains what is not trained yet, probes every model beside its own random initialisation, and reports.
///
/// Below the folder: a run's folder under its recipe's name, the teachers' labels under `labels/`,
/// shared by the recipes that ask for the same, the pieces to probe on under `probe-corpus/` if they are
/// the built-in ones, and the report.
///
/// All that can be checked is checked before the first training: names, probes and their pieces, what is
/// trained already, and what the rest needs.
public struct Comparison {
  /// An event of a comparison.
  public enum Event {
    /// Rendering the pieces to probe on: how many, of how many.
    case rendering(Int, of: Int)
    /// Checking the pieces to probe on: how many, of how many.
    case checking(Int, of: Int)
    /// What will be probed, before anything is trained.
    case probes(ProbedMusic)
    /// A run of this name begins.
    case run(String)
    /// A run of this name is there already, trained on this music.
    case reused(String, RunSummary.Music)
    /// The training of a run of this name cannot go on; the other runs do.
    case stopped(String, reason: String)
    /// Inside a run.
    case training(TrainingEvent)
    /// Probing a model: pieces embedded, of how many.
    case probing(String, Int, of: Int)
  }

  /// What a comparison leaves.
  public struct Outcome {
    /// The report's page.
    public let page: URL
    /// The runs whose training was stopped, and why.
    public let stopped: [(run: String, reason: String)]
  }

  let contenders: [Contender]
  /// A name for each contender.
  let names: [String]
  let seeds: [Int]
  let data: String?
  let probeData: ProbeData
  let probes: ProbeRecipe
  let checkpoints: ProbedCheckpoints
  let folder: URL
  let stop: StopRequest
  let cache: AudioCache?
  let watch: (Event) -> Void

  /// - Parameters:
  ///   - contenders: What is compared.
  ///   - seeds: Trains every recipe with each of these, so that the intervals cover the spread of training
  ///     too, and probes with them; empty to train it once, with its own, and to probe with the probes'.
  ///   - data: A folder of music or a manifest, to train on; nil if all is trained.
  ///   - probeData: The labelled music to probe on.
  ///   - probes: The recipe of probes.
  ///   - checkpoints: Which checkpoints of the runs are probed.
  ///   - folder: Where runs and report go.
  ///   - stop: Ends the trainings early.
  ///   - cache: What keeps decoded audio for all runs; nil if each decodes for itself.
  ///   - watch: Called with each event.
  /// - Throws: `ComparisonError` or `RunError.recipe` if contenders do not hold together or have one name;
  ///   `ProbeError.setting`.
  public init(
    _ contenders: [Contender], seeds: [Int] = [], data: String?,
    probeData: ProbeData = .builtIn(), probes: ProbeRecipe = ProbeRecipe(),
    checkpoints: ProbedCheckpoints = .last, folder: URL,
    cache: AudioCache? = nil, stop: StopRequest = StopRequest(),
    watch: @escaping (Event) -> Void = { _ in }
  ) throws {
    self.contenders = contenders
    names = try Contender.names(of: contenders)
    (self.seeds, self.data, self.probeData) = (seeds, data, probeData)
    self.checkpoints = checkpoints
    (self.folder, self.cache, self.stop, self.watch) = (folder, cache, stop, watch)
    var probes = probes
    if !seeds.isEmpty { probes.seeds = seeds }
    try probes.check()
    self.probes = probes
    try checkRecipes()
  }

  /// Trains what is not trained yet, probes and writes the report.
  ///
  /// - Parameter commands: The command lines to show in the report.
  /// - Returns: The page, and which trainings collapsed or diverged: the others were trained, and the
  ///   report shows these without a verdict.
  /// - Throws: `TrainingStopped` if that was asked for.
  public func run(commands: [String]) throws -> Outcome {
    try prepareFolder()
    return try FolderLock.hold(folder) { _ in try compare(commands) }
  }

  private func compare(_ commands: [String]) throws -> Outcome {
    let pending = try pendingTrainings()
    let opened = try probeData.open(for: self)
    let music = opened.music(heard: try heard(of: opened, pending: pending))
    watch(.probes(music))

    let stops = try train(pending)
    let runs = try summaries(stops)
    let clock = ContinuousClock()
    let start = clock.now
    let rows = try probe(by: opened, stops)
    let courses = try courses(by: opened, stops, beside: rows)
    let probeSeconds = (clock.now - start) / .seconds(1)
    let report = ComparisonReport(
      title: names.joined(separator: ", "), date: Date(),
      machine: .current, commands: commands,
      seconds: runs.reduce(probeSeconds) { $0 + $1.seconds }, runs: runs, probes: rows,
      courses: courses.isEmpty ? nil : courses, probed: music, method: opened.method)
    let page = try report.write(to: folder)
    return Outcome(
      page: page, stopped: stops.sorted { $0.key < $1.key }.map { ($0.key, $0.value.reason) })
  }

  /// The trainings of a contender: of a recipe its own, or one with each of the seeds, with that in its
  /// name; a run's; none of a model.
  func trainings(of contender: Contender) -> [TrainingRun] {
    switch contender {
    case .recipe(let recipe):
      (seeds.isEmpty ? [recipe] : seeds.map { recipe.seeded($0) })
        .map {
          TrainingRun(recipe: $0, folder: folder.appendingPathComponent($0.name), isOwn: true)
        }
    case .run(let run): [run.training]
    case .runs(_, let runs): runs.map(\.training)
    case .model: []
    }
  }
}
