import Foundation

/// What `etude compare` found: the runs, their probes and how they were made. Plain data; the
/// writers turn it into a page, a Markdown file and JSON.
public struct ComparisonReport: Codable, Sendable, Equatable {
  /// The page's heading.
  public var title: String
  /// When the comparison ended.
  public var date: Date
  /// What it ran on.
  public var machine: Origin
  /// The command lines that lead to these numbers, in order, as one would type them.
  public var commands: [String]
  /// Time in seconds: that of every training, by its own log, and that of the probes.
  public var seconds: Double
  /// The runs, in the order of the columns.
  public var runs: [RunSummary]
  /// Every probe of every model, in any order; tasks are shown in the order they first appear.
  public var probes: [ProbeResult]
  /// What the runs reached on the way; nil if their last checkpoints alone were probed, and in older reports.
  public var courses: [ProbeCourse]?
  /// What was probed on; nil if nothing was.
  public var probed: ProbedMusic?
  /// How the probes were made, a sentence each: clips, split, pooling, classifier.
  public var method: [String]

  /// A report.
  public init(
    title: String, date: Date, machine: Origin, commands: [String], seconds: Double,
    runs: [RunSummary], probes: [ProbeResult], courses: [ProbeCourse]? = nil,
    probed: ProbedMusic? = nil,
    method: [String] = []
  ) {
    self.title = title
    self.date = date
    self.machine = machine
    self.commands = commands
    self.seconds = seconds
    self.runs = runs
    self.probes = probes
    self.courses = courses
    self.probed = probed
    self.method = method
  }
}

extension ComparisonReport {
  /// A title of one or two lines: `a, b, c and 3 more` of six.
  package static func title(of names: [String]) -> String {
    if names.count <= 4 { return names.joined(separator: ", ") }
    return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
  }

  /// The tasks, in the order in which the probes first name them.
  var tasks: [String] { probes.map(\.task).uniqued() }

  /// The score of guessing on a task.
  func chance(of task: String) -> Double? {
    probes.first { $0.task == task }?.chance
  }

  /// Whether every interval covers the choice of the pieces.
  var coversPieces: Bool { !probes.isEmpty && probes.allSatisfy { $0.items != nil } }

  /// Whether all results on a task are of the same items, as far as these are known.
  var sharesItems: Bool {
    tasks.allSatisfy { task in
      Set(probes.filter { $0.task == task }.compactMap(\.items?.pieces)).count < 2
    }
  }

  /// The probe of one model on one task.
  func probe(_ model: String, _ kind: ProbeResult.Kind, on task: String) -> ProbeResult? {
    probes.first { $0.model == model && $0.kind == kind && $0.task == task }
  }

  /// The runs, by their places, that have the random initialisation of one of them; none if it was not probed.
  func runs(sharingInitialisationOf place: Int) -> [Int] {
    let own = initialisation(of: place)
    return own.isEmpty ? [] : runs.indices.filter { initialisation(of: $0) == own }
  }

  /// Whether the random initialisation of a run is that of no run before it, so that each stands once.
  func isFirstOfInitialisation(_ place: Int) -> Bool {
    runs(sharingInitialisationOf: place).first.map { $0 == place } ?? false
  }

  private func initialisation(of place: Int) -> [ProbeResult] {
    tasks.compactMap { task in
      var result = probe(runs[place].name, .randomInitialisation, on: task)
      result?.model = ""
      return result
    }
  }

  /// The run of a name.
  func run(_ name: String) -> RunSummary? { runs.first { $0.name == name } }

  /// Names of the features that no model made.
  var statistics: [String] {
    probes.filter { $0.kind == .statistics }.map(\.model).uniqued()
  }

  /// Those of them with the best mean score on a task, the first of equals.
  func bestStatistics(on task: String) -> ProbeResult? {
    statistics.compactMap { probe($0, .statistics, on: task) }.reduce(nil) { best, other in
      guard let best else { return other }
      return best.metric.isBetter(other.meanScore, than: best.meanScore) ? other : best
    }
  }

  /// Whether a result is of these, where there are several to choose from.
  func isBestStatistics(_ result: ProbeResult) -> Bool {
    statistics.count > 1 && bestStatistics(on: result.task) == result
  }
}

extension Sequence where Element: Hashable {
  /// Each element once, in the order of its first appearance.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
