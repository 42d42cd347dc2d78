import ArgumentParser
import Evaluate
import Foundation
import Models
import Tensor

extension MarbleCommand {
  /// Scores models.
  struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "score",
      abstract: "Score models on MARBLE's tasks.",
      discussion: """
        Embeds the audio of each data set once for each model, trains probes on the frozen embeddings as \
        MARBLE's constrained track does (one hidden layer of 512; every layer and a learned mean of layers, six \
        learning rates), lets the validation part choose, and scores the test part. A task whose data are not \
        below the root is left out and named. 'etude marble data ROOT' says what is there.

        A model is a run's folder, a checkpoint, a Hugging Face or fairseq model, or hand-made features by name: \
        \(Embedder.handMadeNames.joined(separator: ", ")).

        Tasks: \(MarbleTask.all.map(\.name).joined(separator: ", ")), or all. With --labels a table of your own \
        (columns path, label, and optionally start, end, split, track) is a task, too, and so are the keys of a \
        corpus of 'etude synth' (labels.jsonl).

        Writes scores.json, report.md and report.json into --out, and keeps embeddings in its folder \
        embeddings, or in --store. What was stopped goes on there. If no probe of a model has a score on a task, \
        it is named, the others are there, and the command ends with status 1.

        Example, after that of 'etude pretrain --help':
          etude marble --model runs/mert/checkpoints/step-1400 \\
            --labels corpus/labels.jsonl --out runs/marble
        """)

    @OptionGroup var threads: ThreadOptions

    @Option(help: ArgumentHelp("A model; may be given several times.", valueName: "model"))
    var model: [String]

    @Option(help: ArgumentHelp("The folder that holds the data sets.", valueName: "root"))
    var data: String?

    @Option(help: ArgumentHelp("A table of your own labels; may be repeated.", valueName: "file"))
    var labels: [String] = []

    @Option(help: "Names of tasks between commas, or all.")
    var tasks = "all"

    @Option(help: ArgumentHelp("The folder of the results.", valueName: "dir"))
    var out: String

    @Option(help: ArgumentHelp("The folder of the embeddings.", valueName: "dir"))
    var store: String?

    @Option(help: "Layers of models between commas, numbers from 0 and weighted; all unless given.")
    var layers: String?

    @Option(help: "Learning rates between commas.")
    var rates = "0.001,0.005,0.0005,0.01,0.0001,0.00005"

    @Option(help: "The most epochs of a probe, where a task has more.")
    var epochs: Int?

    @Option(help: "The seed of the probes.")
    var seed = 1234

    @Option(help: "The precision of the models, fp32 or bf16.")
    var precision = Precision.fp32

    @Flag(help: "Print the scores as JSON: model, task, metric.")
    var json = false

    func validate() throws {
      _ = try (namedTasks(), chosenLayers(), chosenRates())
      try require("--seed", seed, in: 0...Int.max)
      if let epochs { try require("--epochs", epochs, in: 1...1_000_000) }
      guard !model.isEmpty else { throw ValidationError("--model: name at least one") }
      for name in model where model.count(where: { $0 == name }) > 1 {
        throw ValidationError("--model \(name): is given twice; leave one of them out")
      }
    }

    func run() throws {
      threads.apply()
      precision.warn()
      let folder = try writableFolder(out)
      let marble = Marble(
        try namedTasks() + ownTasks(),
        of: try model.map { try Embedder(at: $0, precision: precision) },
        root: URL(filePath: data ?? ".", directoryHint: .isDirectory), grid: try grid(),
        store: EmbeddingStore(
          try store.map(writableFolder) ?? folder.appendingPathComponent("embeddings")),
        watch: MarbleProgress().show)
      let results = try marble.run()
      try results.write(to: folder)
      print(json ? String(decoding: try results.json(), as: UTF8.self) : results.table)
      if !results.failed.isEmpty { throw ExitCode.failure }
    }

    private func grid() throws -> ProbeGrid {
      var probe = Perceptron.Config()
      probe.seed = seed
      return ProbeGrid(
        layers: try chosenLayers(), rates: try chosenRates(), probe: probe, epochs: epochs)
    }

    /// The tasks of `--tasks`, if there are data for them.
    private func namedTasks() throws -> [MarbleTask] {
      guard data != nil else {
        guard !labels.isEmpty else {
          throw ValidationError("give --data, --labels or both; nothing is scored otherwise")
        }
        return []
      }
      if tasks == "all" { return MarbleTask.all }
      return try MarbleTask.named(tasks, in: "--tasks")
    }

    private func ownTasks() throws -> [MarbleTask] {
      try labels.map { try MarbleTask(labels: URL(filePath: $0)) }
    }

    private func chosenLayers() throws -> [LayerChoice]? {
      try layers?.split(separator: ",").map { text in
        if text == "weighted" { return .weighted }
        guard let number = Int(text), number >= 0 else {
          throw ValidationError("--layers \(text): give numbers from 0, or weighted")
        }
        return .layer(number)
      }
    }

    private func chosenRates() throws -> [Float] {
      try rates.split(separator: ",").map { text in
        guard let rate = Float(text), rate > 0, rate.isFinite else {
          throw ValidationError("--rates \(text): give numbers above 0")
        }
        return rate
      }
    }
  }
}

extension MarbleTask {
  /// The tasks of some names between commas.
  static func named(_ names: String, in option: String) throws -> [MarbleTask] {
    let tasks = try names.split(separator: ",").map { name in
      guard let task = MarbleTask(named: String(name)) else {
        let known = MarbleTask.all.map(\.name).joined(separator: ", ")
        throw ValidationError("\(option) \(name): no such task; choose from \(known)")
      }
      return task
    }
    let all = tasks.map(\.name)
    guard !tasks.isEmpty, Set(all).count == all.count else {
      throw ValidationError("\(option) \(names): name at least one task, and each once")
    }
    return tasks
  }
}
