import ArgumentParser
import Audio
import Cluster
import Evaluate
import Foundation
import Settings
import Train
import YAML

/// Compares recipes, runs and models: runs what has not run yet, probes, reports.
struct CompareCommand: ParsableCommand, SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Train recipes, probe models, report the differences.",
    discussion: """
      A contender is a recipe, the folder of a finished run, or a model: a checkpoint, a folder of Hugging \
      Face's or a file of fairseq's. Recipes are trained below --out; those whose run is finished there \
      are reused, interrupted ones resumed. Runs and models are never trained. NAME=RUN,RUN,RUN is one row: \
      finished runs of one recipe with several seeds, by which they are paired with others. What is trained or probed \
      already is kept, so the same command goes on after an interruption.

      All are probed on the built-in corpus of another seed (80 minutes, rendered into \
      OUT/probe-corpus, 230 MB), or on the labelled music that --probe-data names. A folder with data sets of \
      MARBLE, or a table of your own labels, is probed as 'etude marble' does, with the data sets' own parts; tasks \
      with more than an answer an item (beats, separation) are left to that command. The music of the probes, and \
      whether models are trained on it, is printed before the first training.

      SIGTERM, SIGINT (Ctrl-C) or SIGUSR1 saves the run that is trained and ends the command with status 75; \
      the same command goes on.

      If a training collapses or diverges, the others continue, the report shows it without a verdict, \
      and the command ends with status 1.

      Started by mpirun or srun, the ranks share trainings and probings, each done by one of them, with the same \
      numbers; --out has to be on a disk that all see: docs/cluster.md.

      Example: etude compare recipes/nano/*-nano.yaml --data corpus --out runs/first
      """)

  @Argument(
    help: "Recipes, folders of finished runs, checkpoints, models, or NAME=RUN,RUN,... for seeds.")
  var contenders: [String]

  @Option(
    help: "A folder of music, or a manifest, to train on; needed if a recipe is not trained yet.")
  var data: String?

  @Option(help: "The folder for runs and report.")
  var out: String

  @Option(
    parsing: .upToNextOption,
    help:
      "Train and probe every recipe with each of these, as in --seeds 1 2 3; once unless given.")
  var seeds: [Int] = []

  @Option(
    name: .customLong("set"),
    help: "Change a setting of all recipes, as in --set training.batchSize=4.")
  var settings: [String] = []

  @Option(
    help:
      "A recipe of probes; its defaults unless given. Of data sets with parts of their own its seeds alone count."
  )
  var probes: String?

  @Option(
    help:
      "What to probe on: a folder with labels.jsonl, a table of labels (.csv, .tsv, or .jsonl for the keys of 'etude synth'), or a folder of MARBLE's data sets; the built-in corpus unless given."
  )
  var probeData: String?

  @Option(
    help: ArgumentHelp(
      "Which of MARBLE's tasks to probe, between commas; all whose data are there unless given.",
      valueName: "tasks"))
  var probeTasks: String?

  @Option(
    help:
      "Which checkpoints of runs to probe: last, or all that are kept (training.keepEvery), for curves."
  )
  var checkpoints = ProbedCheckpoints.last

  @OptionGroup var cache: CacheOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    try requirePath("--out", out)
    try requirePath("--data", data)
    try requirePath("--probe-data", probeData)
    guard seeds.allSatisfy({ $0 >= 0 }), Set(seeds).count == seeds.count else {
      throw ValidationError("--seeds: needs different numbers of at least 0")
    }
  }

  func run() throws {
    try Launched.run(threads) { ranks in
      let opened = try ranks.agree {
        let opened = try contenders.map { try Contender(at: $0, settings: settings) }
        try checkOptionsOfRecipes(opened)
        return opened
      }
      // MPI has handlers of its own, which come first.
      let stop = Signals.watch()
      let outcome = try namingFiles(
        of: zip(contenders, opened).compactMap { path, contender in
          if case .recipe(let recipe) = contender { (path, recipe) } else { nil }
        }
      ) { try compare(opened, stop, ranks) }
      if ranks.isFirst { print(outcome.page.relativePath) }
      if !outcome.stopped.isEmpty { throw ComparisonError.stopped(outcome.stopped) }
    }
  }

  private func compare(
    _ opened: [Contender], _ stop: StopRequest, _ ranks: Ranks
  ) throws -> Comparison.Outcome {
    let comparison = try ranks.agree {
      try Comparison(
        opened, seeds: seeds, data: data,
        probeData: try probedMusic(),
        probes: probes.map { try RecipeFile.load(ProbeRecipe.self, from: $0) } ?? ProbeRecipe(),
        checkpoints: checkpoints, folder: URL(fileURLWithPath: out), cache: cache.open(),
        stop: stop, among: ranks,
        watch: ranks.isFirst
          ? ComparisonProgress().show : RankProgress(ranks.name(of: ranks.rank)).show)
    }
    return try comparison.run(commands: [Shell.command(CommandLine.arguments)])
  }

  private func probedMusic() throws -> ProbeData {
    guard let probeData else {
      guard probeTasks == nil else {
        throw ValidationError(
          "--probe-tasks: chooses from the data sets of --probe-data; give both")
      }
      return .builtIn()
    }
    return try ProbeData(
      at: probeData, tasks: probeTasks.map { try MarbleTask.named($0, in: "--probe-tasks") })
  }

  /// `--seeds` and `--set` change recipes alone.
  private func checkOptionsOfRecipes(_ contenders: [Contender]) throws {
    let hasRecipe = contenders.contains { if case .recipe = $0 { true } else { false } }
    guard !hasRecipe else { return }
    for (option, isGiven) in [("--seeds", !seeds.isEmpty), ("--set", !settings.isEmpty)]
    where isGiven {
      throw ValidationError(
        "\(option): has no effect, since none of the contenders is a recipe; leave it out")
    }
  }
}

extension ProbedCheckpoints: ExpressibleByArgument {}

/// Shows what a comparison does, on standard error.
private final class ComparisonProgress {
  private var job = JobProgress()
  private lazy var rendering = ProgressLine("render the pieces to probe on")
  private lazy var checking = ProgressLine("check the pieces to probe on")
  private var probing: (title: String, line: ProgressLine)?

  func show(_ event: Comparison.Event) {
    switch event {
    case .rendering(let done, let total): rendering.show(done, of: total)
    case .checking(let done, let total): checking.show(done, of: total)
    case .probes(let music, let names): music.lines(of: names).forEach(note)
    case .run(let name): job = JobProgress(name)
    case .reused(let name, let music):
      note("\(name): trained already, on \(music.files) files of \(music.folder)")
    case .stopped(let name, let reason): note("\(name) was stopped: \(reason)")
    case .training(let event): job.show(event)
    case .probing(let title, let done, let total):
      if probing?.title != title || done == 1 { probing = (title, ProgressLine("probe \(title)")) }
      probing?.line.show(done, of: total)
    case .ended: break
    }
  }
}

/// Shows what another rank than the first does: a line when it begins something, one when it has ended it, and warnings.
private final class RankProgress {
  private let rank: String
  private var current = ""
  private var start = Date()

  init(_ rank: String) { self.rank = rank }

  func show(_ event: Comparison.Event) {
    switch event {
    case .run(let name): begin(name, "trains")
    case .probing(let title, _, _):
      if title != current { begin(title, "probes") }
    case .stopped(let name, let reason): note("\(rank): \(name) was stopped: \(reason)")
    case .training(.warning(let text)): note("\(rank): \(current): warning: \(text)")
    case .ended(let name):
      note("\(rank): \(name) is done, in \(Date().timeIntervalSince(start).asDuration)")
      current = ""
    case .rendering, .checking, .probes, .reused, .training: break
    }
  }

  private func begin(_ name: String, _ verb: String) {
    (current, start) = (name, Date())
    note("\(rank) \(verb) \(name)")
  }
}

extension ProbedMusic {
  /// What will be probed, and what that means, in a few lines.
  fileprivate func lines(of models: [String]) -> [String] {
    let left = skipped.map { "left out of the probes \($0.path): \($0.reason)" }
    let what = "probes: \(tasks.joined(separator: ", ")) on \(count) of \(folder)"
    let unknown = models.filter { heard[$0] == nil }
    let rest =
      unknown.isEmpty
      ? "" : "; what \(unknown.joined(separator: ", ")) was trained on is not known here"
    guard let most = heard.values.max() else { return left + [what + rest] }
    let known = unknown.isEmpty ? "a model" : "any of the other models"
    return left + [
      most == 0
        ? "\(what), on none of which \(known) is trained\(rest)"
        : "\(what); models are trained on \(most) of them, without labels\(rest): name other music with "
          + "--probe-data to probe what they have not heard"
    ]
  }
}
