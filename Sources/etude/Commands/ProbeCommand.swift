import ArgumentParser
import Audio
import Evaluate
import Foundation
import MelModels
import Models
import Settings
import Train
import YAML

/// Probes a model on the labels of a corpus.
struct ProbeCommand: ParsableCommand {
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
      the end.

      Example, after that of 'etude pretrain --help':
        etude probe recipes/probes/corpus.yaml \\
          --model runs/mert/checkpoints/step-1400
      """)

  @Argument(help: "A recipe of probes, such as recipes/probes/corpus.yaml.")
  var recipe: String

  @Option(help: "A model's folder, such as a run's checkpoint. May be given several times.")
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

  func run() throws {
    threads.apply()
    let recipe = try RecipeFile.load(ProbeRecipe.self, from: recipe, settings: set)
    let encoders = try model.map { try Encoders.load(URL(filePath: $0)) }
    try withCorpus { corpus in
      let probing = try Probing(recipe, on: corpus)
      for file in corpus.skipped { note("left out of the probes \(file.path): \(file.reason)") }
      note("probes: \(probing.pieces) pieces of \(data ?? "the built-in corpus")")
      let subjects: [ProbeSubject] = zip(model, encoders).flatMap { folder, encoder in
        [
          .randomInitialisation(
            of: RandomStart(of: encoder), name: folder, pooling: recipe.pooling),
          .pretrained(encoder, name: folder, pooling: recipe.pooling),
        ]
      }
      let table = ProbeTable(
        try rowsOfStatistics(probing) + subjects.flatMap { try rows(of: $0, probing) })
      print(json ? try table.json() : table.description)
      if !json { note(ProbeTable.note) }
    }
  }

  /// The corpus of `--data`, or the built-in one in a temporary folder.
  private func withCorpus(_ body: (ProbeCorpus) throws -> Void) throws {
    func open(_ folder: URL) throws -> ProbeCorpus {
      let checking = ProgressLine("check the pieces")
      return try ProbeCorpus(folder) { checking.show($0, of: $1) }
    }
    if let data { return try body(open(URL(filePath: data))) }
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "etude-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let rendering = ProgressLine("render the built-in corpus")
    let pieces = try BuiltInPieces().rendered(below: scratch) { rendering.show($0, of: $1) }
    try body(open(pieces))
  }

  private func rowsOfStatistics(_ probing: Probing) throws -> [ProbeRow] {
    let progress = ProgressLine("probe hand-made statistics")
    return try probing.rowsOfStatistics { progress.show($0, of: $1) }
  }

  private func rows(of subject: ProbeSubject, _ probing: Probing) throws -> [ProbeRow] {
    let random = subject.kind == .randomInitialisation ? ", random" : ""
    let progress = ProgressLine("probe \(subject.model)\(random)")
    return try probing.rows(of: subject) { progress.show($0, of: $1) }
  }
}
