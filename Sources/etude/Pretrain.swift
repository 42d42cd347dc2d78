import ArgumentParser
import Audio
import Foundation
import Models
import Tensor
import Train

/// Pre-trains the model of a recipe.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain", abstract: "Pre-train the model of a recipe.",
    discussion: """
      Labels that the recipe needs are made first if they are not there. The model is then in \
      RUN/checkpoints/step-N, of which the last are kept.

      Example:
        etude pretrain recipes/nano/mert-nano.yaml --data corpus --run runs/mert
      """)

  @OptionGroup var data: DataOptions
  @OptionGroup var threads: ThreadOptions

  @Option(name: .customLong("run"), help: "The run's folder.")
  var runFolder: String

  @Option(help: "Labels made by 'etude teach'; RUN/labels unless given.")
  var labels: String?

  @Flag(help: "Go on from the run's latest checkpoint.")
  var resume = false

  @Option(parsing: .unconditional, help: "Stop after this step, before the recipe's last.")
  var maxSteps: Int?

  @Option(help: "What a step computes in, fp32 or bf16; the recipe's unless given.")
  var precision: Precision?

  @Option(help: "Begin from this model instead of at random.")
  var `init`: String?

  @Flag(help: "Begin with that model's heads, too; they must be those that the recipe asks for.")
  var keepHeads = false

  func validate() throws {
    if resume, `init` != nil { throw ValidationError("--resume and --init exclude each other") }
    if keepHeads, `init` == nil { throw ValidationError("--keep-heads: needs --init MODEL") }
    try require("--max-steps", maxSteps, in: 1...Recipe.Training.mostSteps)
  }

  func run() throws {
    threads.apply()
    var recipe = try data.loadRecipe()
    if let precision { recipe.training.precision = precision }
    try namingFiles(of: [(data.recipe, recipe)]) { try train(recipe) }
  }

  private func train(_ recipe: Recipe) throws {
    try recipe.checkMachine()
    let start = try startingPoint()
    let folder = try writableFolder(runFolder)
    try PretrainingRun.check(folder, resuming: resume)
    let scan = try openData(data.data)
    let session = try Session(
      recipe, data: scan, scratch: folder, watch: SessionProgress().show)
    try session.train(
      in: folder, labels: labels.map { URL(fileURLWithPath: $0) } ?? folder.labels,
      resuming: resume, until: maxSteps, startingFrom: start?.encoder,
      heads: start?.heads)
    note("the model is in \(folder.latestCheckpoint?.relativePath ?? folder.path)")
  }

  private func startingPoint() throws -> (encoder: AudioEncoder, heads: PretrainingHeads?)? {
    guard let path = `init` else { return nil }
    let source = try ModelSource(URL(fileURLWithPath: path))
    let heads = keepHeads ? try source.heads() : nil
    guard heads?.isEmpty != true else {
      throw ModelError.file(path, problem: "has no heads of pre-training; leave out --keep-heads")
    }
    return (try source.encoder(), heads)
  }
}
