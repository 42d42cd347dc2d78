import ArgumentParser
import Audio
import Cluster
import Evaluate
import Foundation
import Models
import Tensor
import Train

/// Pre-trains the model of a recipe.
struct PretrainCommand: ParsableCommand, SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain", abstract: "Pre-train the model of a recipe.",
    discussion: """
      Makes the labels that the recipe needs if they are missing, then trains. The model is written to \
      RUN/checkpoints/step-N; the latest are kept. RUN/report.html shows losses and settings, and of a \
      codec sounds. A run is resumed only with the same recipe and data; the intervals of log and \
      checkpoints may change.

      SIGTERM, SIGINT (Ctrl-C) or SIGUSR1 saves the run after the batch at hand and ends the command \
      with status 75; a second signal ends it at once. docs/long-runs.md has jobs for Slurm and systemd.

      Started by mpirun or srun, the ranks share the batches of each step: docs/cluster.md.

      Examples:
        etude pretrain recipes/nano/mert-nano.yaml --data corpus --run runs/mert
        etude pretrain recipes/nano/mert-nano.yaml --data corpus --run runs/mert \\
          --resume-if-there
      """)

  @OptionGroup var data: DataOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var cluster: ClusterOptions

  @Option(name: .customLong("run"), help: "The run's folder.")
  var runFolder: String

  @Option(
    help:
      "The folder of labels, those of 'etude teach' or made there if they are missing; RUN/labels unless given."
  )
  var labels: String?

  @Flag(help: "Continue from the run's latest checkpoint.")
  var resume = false

  @Flag(help: "Continue if there is a checkpoint, otherwise begin: for jobs that are queued again.")
  var resumeIfThere = false

  @Flag(help: "Continue although the audio has changed.")
  var dataChanged = false

  @Option(parsing: .unconditional, help: "Stop after this step, before the recipe's last.")
  var maxSteps: Int?

  @Option(help: "The precision of a step, fp32 or bf16; the recipe's unless given.")
  var precision: Precision?

  @Option(help: "Start from this model instead of random weights.")
  var `init`: String?

  @Flag(help: "Start from that model's heads, too; they must be exactly those of the recipe.")
  var keepHeads = false

  func validate() throws {
    try requirePath("--labels", labels)
    try requirePath("--init", `init`)
    if resume, `init` != nil { throw ValidationError("--resume and --init exclude each other") }
    if resume, resumeIfThere {
      throw ValidationError("--resume and --resume-if-there exclude each other")
    }
    if keepHeads, `init` == nil { throw ValidationError("--keep-heads: needs --init MODEL") }
    try require("--max-steps", maxSteps, in: 1...Recipe.Training.mostSteps)
  }

  func run() throws {
    try cluster.run(threads) { placement in
      // MPI has handlers of its own, which come first.
      let stop = Signals.watch()
      let ranks = placement.ranks
      var recipe = try ranks.agree { try data.loadRecipe() }
      if let precision { recipe.training.precision = precision }
      try namingFiles(of: [(data.recipe, recipe)]) { try train(recipe, stop, placement) }
      if ranks.isFirst { try report() }
    }
  }

  private func train(
    _ recipe: some TrainingRecipe, _ stop: StopRequest, _ placement: Placement
  ) throws {
    let ranks = placement.ranks
    let (beginning, scan) = try ranks.agree {
      try recipe.checkMachine(on: placement)
      _ = try recipe.sourceIdentity()
      let beginning = try `init`.map { try StartingPoint($0, keepingHeads: keepHeads) }
      if ranks.isFirst {
        let folder = try writableFolder(runFolder)
        try RunFolder.check(folder, start, recipe: recipe, startingAs: beginning ?? .init())
      }
      return (beginning ?? .init(), try Manifest.open(data.data))
    }
    let job = try TrainingJob(
      recipe, data: scan, scratch: ranks.scratch(beside: folder), cache: try cache.open(),
      stop: stop,
      probe: TrainingProbes.ofBuiltInMusic(), placement: placement, watch: JobProgress().show)
    try job.train(
      in: folder, labels: labels.map { URL(fileURLWithPath: $0) } ?? folder.labels, start,
      until: maxSteps, startingAs: beginning, acceptingOtherData: dataChanged)
  }

  private var folder: URL { URL(fileURLWithPath: runFolder) }

  private func report() throws {
    note("the model is in \(try folder.latestCheckpoint?.relativePath ?? folder.path)")
    note("the report is \(try RunReport.write(of: folder).relativePath)")
  }

  private var start: RunStart { resume ? .resuming : resumeIfThere ? .resumingIfThere : .new }
}
