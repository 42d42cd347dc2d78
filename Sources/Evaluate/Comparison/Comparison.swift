import Audio
import Cluster
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
///
/// Several ranks share the trainings and then the probings: each is done by one rank as one process would, so runs and
/// report have the same numbers. The first rank owns the folder, which has to be on a disk that all share.
public struct Comparison {
  /// An event of a comparison.
  public enum Event {
    /// Rendering the pieces to probe on: how many, of how many.
    case rendering(Int, of: Int)
    /// Checking the pieces to probe on: how many, of how many.
    case checking(Int, of: Int)
    /// What will be probed, before anything is trained, and the names of what is compared.
    case probes(ProbedMusic, of: [String])
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
    /// What a rank had of the trainings or probings is done: the run's name, or what was probed.
    case ended(String)
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
  let ranks: Ranks
  let watch: (Event) -> Void

  /// - Parameters:
  ///   - contenders: What is compared.
  ///   - seeds: Trains every recipe with each of these, so that the intervals cover the spread of training
  ///     too; empty to train it once, with its own. Probes have these seeds and those of `Contender.runs`, or, where
  ///     there is neither, those of their recipe.
  ///   - data: A folder of music or a manifest, to train on; nil if all is trained.
  ///   - probeData: The labelled music to probe on.
  ///   - probes: The recipe of probes.
  ///   - checkpoints: Which checkpoints of the runs are probed.
  ///   - folder: Where runs and report go.
  ///   - stop: Ends the trainings early.
  ///   - cache: What keeps decoded audio for all runs; nil if each decodes for itself.
  ///   - ranks: The ranks that share the work, all with the same contenders; this process alone unless given.
  ///   - watch: Called with each event; of several ranks, with those of what this one does.
  /// - Throws: `ComparisonError` or `RunError.recipe` if contenders do not hold together or have one name;
  ///   `ProbeError.setting`.
  public init(
    _ contenders: [Contender], seeds: [Int] = [], data: String?,
    probeData: ProbeData = .builtIn(), probes: ProbeRecipe = ProbeRecipe(),
    checkpoints: ProbedCheckpoints = .last, folder: URL,
    cache: AudioCache? = nil, stop: StopRequest = StopRequest(), among ranks: Ranks = .alone,
    watch: @escaping (Event) -> Void = { _ in }
  ) throws {
    self.contenders = contenders
    names = try Contender.names(of: contenders)
    (self.seeds, self.data, self.probeData) = (seeds, data, probeData)
    self.checkpoints = checkpoints
    (self.folder, self.cache, self.stop, self.watch) = (folder, cache, stop, watch)
    self.ranks = ranks
    var probes = probes
    // So every training has a random initialisation of its own seed, and folds that others have, too.
    let trained = (seeds + contenders.flatMap(\.seedsOfTrainings)).uniqued()
    if !trained.isEmpty { probes.seeds = trained }
    try probes.check()
    self.probes = probes
    try checkRecipes()
  }

  /// Trains what is not trained yet, probes and writes the report. A collective call.
  ///
  /// - Parameter commands: The command lines to show in the report.
  /// - Returns: The page, and which trainings collapsed or diverged: the others were trained, and the
  ///   report shows these without a verdict.
  /// - Throws: `TrainingStopped` if that was asked for; of several ranks, what one of them failed by.
  public func run(commands: [String]) throws -> Outcome {
    try checkRanks()
    try ranks.lead { try prepareFolder() }
    let lock = try ranks.agree { ranks.isFirst ? try FolderLock(folder) : nil }
    return try withExtendedLifetime(lock) { try compare(commands) }
  }

  private func compare(_ commands: [String]) throws -> Outcome {
    // Before hours of training, in which the source folder may come to another commit.
    let machine = ComparisonReport.Origin.current
    let pending = try pendingTrainings()
    let opened = try openProbes()
    let music = try ranks.lead { opened.music(heard: try heard(of: opened, pending: pending)) }
    if ranks.isFirst { watch(.probes(music, of: names)) }

    let stops = try train(pending)
    let clock = ContinuousClock()
    let start = clock.now
    let (rows, courses) = try probe(by: opened, stops)
    let probeSeconds = (clock.now - start) / .seconds(1)
    let page = try ranks.lead {
      let runs = try summaries(stops)
      let report = ComparisonReport(
        title: ComparisonReport.title(of: names), date: Date(),
        machine: machine, commands: commands,
        seconds: runs.reduce(probeSeconds) { $0 + $1.seconds }, runs: runs, probes: rows,
        courses: courses.isEmpty ? nil : courses, probed: music.with(rows),
        method: opened.method + rows.flatMap { $0.remarks ?? [] }.uniqued())
      return try report.write(to: folder)
    }
    let stopped = contenders.flatMap(trainings).compactMap { training in
      stops[training.folder.path].map { (run: training.name, reason: $0.reason) }
    }
    return Outcome(page: page, stopped: stopped)
  }

  /// Opens what is probed. Music that is built in is rendered by the first rank.
  private func openProbes() throws -> any ComparisonProbes {
    if case .builtIn(let pieces) = probeData {
      let rendered = try ranks.lead {
        try pieces.rendered(below: folder) { watch(.rendering($0, of: $1)) }
      }
      try ranks.waitToSee([rendered])
    }
    return try ranks.agree { try probeData.open(for: self) }
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
