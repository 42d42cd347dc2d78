import ArgumentParser
import Audio
import Cluster
import Evaluate
import Foundation
import Pretrain
import Settings
import Train
import YAML

/// Fits the teachers of a recipe and labels the data.
struct TeachCommand: ParsableCommand, SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "teach", abstract: "Fit a recipe's teachers and label the data.",
    discussion: """
      Writes for each teacher its labels (labels-N.h5), their statistics (labels-N.json) and the \
      teacher itself (teacher-N.safetensors). If a teacher is the model of an earlier stage \
      (layer.recipe), this stage is trained first, in OUT/stages, unless it is already there. Codes of a \
      quantiser are imported from the files that teacher.rvq.files names, as in \
      --set 'teacher.rvq.files=codes/train.encodec_{codebook}'.

      Prints for each label set how many codes occur, their entropy and perplexity. On the corpus of \
      'etude synth' it also prints the agreement with key, chord, pitch and instrument: purity, the \
      share of frames that are right if each code predicts its most frequent class, beside the share \
      of that class alone; and the mutual information as a share of the class entropy (PNMI).

      SIGTERM, SIGINT (Ctrl-C) or SIGUSR1 ends the command with status 75; the same command goes on with \
      what is labelled.

      Started by mpirun or srun, the ranks label together: docs/cluster.md.

      Example: etude teach recipes/nano/mert-nano.yaml --data corpus --out labels
      """)

  @OptionGroup var data: DataOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var cluster: ClusterOptions

  @Option(help: "The folder for the labels.")
  var out: String

  @Flag(help: "Replace labels that were made for other audio.")
  var dataChanged = false

  @Flag(help: "Print the statistics of the labels as one JSON list.")
  var json = false

  func run() throws {
    try cluster.run(threads) { placement in
      let stop = Signals.watch()
      let recipe = try placement.ranks.agree { try data.loadRecipe() }
      let labels = try namingFiles(of: [(data.recipe, recipe)]) {
        try teach(recipe, stop, placement)
      }
      if placement.ranks.isFirst { try show(labels) }
    }
  }

  private func show(_ labels: [LabelQuality]) throws {
    if json {
      print(String(decoding: try labels.json(), as: UTF8.self))
    } else {
      for set in labels { print(set.table) }
    }
  }

  private func teach(
    _ recipe: some TrainingRecipe, _ stop: StopRequest, _ placement: Placement
  ) throws -> [LabelQuality] {
    let (out, ranks) = (URL(fileURLWithPath: out), placement.ranks)
    guard recipe.teaching(in: out, stages: out.stages)?.isEmpty == false else {
      throw RunError.recipe(
        recipe.name, reason: "names no teacher of labels, as teacher.kmeans; it needs no labels")
    }
    try ranks.lead { _ = try writableFolder(self.out) }
    let scan = try ranks.agree { try Manifest.open(data.data) }
    let progress = JobProgress()
    let job = try TrainingJob(
      recipe, data: scan, scratch: ranks.scratch(beside: out), cache: cache.open(), stop: stop,
      probe: TrainingProbes.ofBuiltInMusic(), placement: placement
    ) { event in
      // What is printed at the end is not printed before.
      if case .taught = event { return }
      progress.show(event)
    }
    return try job.teach(into: out, acceptingOtherData: dataChanged)
  }
}

extension LabelQuality {
  /// The use of the codes, and a line for each kind of known label.
  fileprivate var table: String {
    let rows = agreements.map { row in
      let name = row.label.rawValue.padded(to: 12)
      return "  \(name)"
        + String(
          format: "purity %.3f (one code %.3f), PNMI %.3f, %d classes, %d frames", row.purity,
          row.mostFrequent, row.normalisedInformation, row.classes, row.frames)
    }
    return ([summary] + rows).joined(separator: "\n")
  }
}
