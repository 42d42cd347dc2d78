import ArgumentParser
import Audio
import Cluster
import Evaluate
import Foundation
import MelModels
import Models
import Settings
import Tensor
import Train
import YAML

/// Probes a model on the labels of a corpus.
struct ProbeCommand: ParsableCommand, SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Classify key, instrument, pitch and beat from frozen features.",
    discussion: """
      Fits logistic regressions on the hidden states of each model, of the same model with random \
      weights, and on six hand-made statistics: mean, and mean with deviation, of log-mel, log-CQT and chroma \
      frames. Prints the score (accuracy, unless the recipe names another \
      metric) on pieces that the regression was not fitted to, with its 95 % interval over the seeds. \
      The interval covers the division of the pieces into folds and, for random weights, their draw; it \
      does not cover another training.

      Without --data the built-in corpus of another seed is rendered (80 minutes, 230 MB) and removed at \
      the end. SIGTERM, SIGINT (Ctrl-C) or SIGUSR1 removes it, too, and ends the command with status 75.

      Started by mpirun or srun, the ranks share models and seeds: docs/cluster.md.

      Example, after that of 'etude pretrain --help':
        etude probe recipes/probes/corpus.yaml \\
          --model runs/mert/checkpoints/step-1400
      """)

  @Argument(help: "A recipe of probes, such as recipes/probes/corpus.yaml.")
  var recipe: String

  @Option(
    help: "A model, or a run, of which the latest checkpoint is taken. May be given several times.")
  var model: [String] = []

  @Option(
    help:
      "A folder with labels.jsonl, such as 'etude synth' writes; the built-in corpus unless given.")
  var data: String?

  @Option(help: "Change a setting of the recipe, as in --set folds=3.")
  var set: [String] = []

  @Flag(help: "Print one JSON array.")
  var json = false

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    try requirePath("--data", data)
    for folder in model { try requirePath("--model", folder) }
  }

  func run() throws {
    try Launched.run(threads) { ranks in
      let scratch = ScratchFolder()
      defer { scratch.remove() }
      let (probing, subjects) = try ranks.agree {
        let recipe = try RecipeFile.load(ProbeRecipe.self, from: recipe, settings: set)
        let subjects = try model.flatMap { try self.subjects(of: $0, recipe) }
        let corpus = try corpus(scratch, isShown: ranks.isFirst)
        return (try Probing(recipe, on: corpus), subjects)
      }
      let progress = ProbeProgress(isShown: ranks.isFirst)
      if ranks.isFirst {
        note("probes: \(probing.pieces) pieces of \(data ?? "the built-in corpus")")
      }
      let rows = try probing.rows(
        ofStatisticsAnd: subjects, among: ranks, progress: progress.show)
      if ranks.isFirst { try show(ProbeTable(rows)) }
    }
  }

  /// A model with random weights, and as it is.
  private func subjects(of folder: String, _ recipe: ProbeRecipe) throws -> [ProbeSubject] {
    let encoder = try Encoders.load(modelPath(folder))
    return [
      .randomInitialisation(of: RandomStart(of: encoder), name: folder, pooling: recipe.pooling),
      .pretrained(encoder, name: folder, pooling: recipe.pooling),
    ]
  }

  /// The corpus of `--data`, or the built-in one, rendered into a folder.
  private func corpus(_ scratch: ScratchFolder, isShown: Bool) throws -> ProbeCorpus {
    let rendering = ProgressLine("render the built-in corpus")
    let checking = ProgressLine("check the pieces")
    let folder =
      try data.map { URL(filePath: $0) }
      ?? built(in: scratch) { done, total in
        if isShown { rendering.show(done, of: total) }
      }
    let corpus = try ProbeCorpus(folder) { done, total in
      if isShown { checking.show(done, of: total) }
    }
    for file in corpus.skipped where isShown {
      note("left out of the probes \(file.path): \(file.reason)".asOneLine)
    }
    return corpus
  }

  private func built(in scratch: ScratchFolder, _ progress: ProgressHandler) throws -> URL {
    try scratch.make()
    return try BuiltInPieces().rendered(below: scratch.url, progress: progress)
  }

  private func show(_ table: ProbeTable) throws {
    print(json ? try table.json() : table.description)
    if !json { note(ProbeTable.note) }
  }
}

/// Shows what is probed, on standard error.
private final class ProbeProgress {
  private let isShown: Bool
  private var shown: (name: String, line: ProgressLine)?

  /// - Parameter isShown: Whether anything is; of several ranks it is on the first.
  init(isShown: Bool) { self.isShown = isShown }

  func show(_ name: String, _ done: Int, of total: Int) {
    guard isShown else { return }
    if shown?.name != name { shown = (name, ProgressLine("probe \(name)")) }
    shown?.line.show(done, of: total)
  }
}
