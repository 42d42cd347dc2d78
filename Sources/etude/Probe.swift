import ArgumentParser
import Evaluate
import Foundation
import Models
import Train

/// Probes a model on the labels of a corpus.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Ask frozen features for key, instrument, pitch and beat.",
    discussion: """
      Fits logistic regressions on the hidden states of each model, of the same model with random \
      weights, and on log-mel statistics. Prints the accuracy on pieces that no regression has \
      seen, with its 95 % interval over the seeds.

      Example: etude probe recipes/probes/corpus.yaml --model runs/mert/checkpoints/step-500 \
      --data corpus
      """)

  @Argument(help: "A recipe of probes, such as recipes/probes/corpus.yaml.")
  var recipe: String

  @Option(help: "A model's folder, such as a run's checkpoint. May be given several times.")
  var model: [String] = []

  @Option(help: "A folder that 'etude synth' wrote.")
  var data: String

  @Option(help: "Change a setting of the recipe, as in --set folds=3.")
  var set: [String] = []

  @Flag(help: "Print one JSON array.")
  var json = false

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    threads.apply()
    let recipe = try RecipeFile.load(ProbeRecipe.self, from: recipe, settings: set)
    let probing = try Probing(recipe, on: ProbeCorpus(URL(filePath: data)))
    var subjects = [ProbeSubject.logMelStatistics()]
    for folder in model {
      let encoder = try AudioEncoder.load(URL(filePath: folder))
      subjects += [
        .randomInitialisation(of: encoder.config, name: folder, pooling: recipe.pooling),
        .pretrained(encoder, name: folder, pooling: recipe.pooling),
      ]
    }
    let table = ProbeTable(try subjects.flatMap { try rows(of: $0, probing) })
    print(json ? try table.json() : table.description)
  }

  private func rows(of subject: ProbeSubject, _ probing: Probing) throws -> [ProbeRow] {
    let random = subject.kind == .randomInitialisation ? ", random" : ""
    let progress = ProgressLine("probe \(subject.model)\(random)")
    return try probing.rows(of: subject) { progress.show($0, of: $1) }
  }
}
