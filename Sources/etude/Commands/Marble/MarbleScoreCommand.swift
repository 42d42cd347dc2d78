import ArgumentParser
import Cluster
import Evaluate
import Foundation
import Models
import Tensor

extension MarbleCommand {
  /// Scores models.
  struct Score: ParsableCommand, SharedCommand {
    static let configuration = CommandConfiguration(
      commandName: "score",
      abstract: "Score models on MARBLE's tasks.",
      discussion: """
        Embeds the audio of each data set once for each model, trains probes on the frozen embeddings as \
        MARBLE's constrained track does (one hidden layer of 512; every layer and a learned mean of layers, six \
        learning rates), lets the validation part choose, and scores the test part. With --probe logistic or ridge \
        a regression takes the place of the hidden layer: the semi-constrained track. With --finetune the model is trained along with the head on the audio of the \
        training part: the unconstrained track. A task whose data are not \
        below the root is left out and named. 'etude marble data ROOT' says what is there.

        A model is a run's folder, a checkpoint, a Hugging Face or fairseq model, or hand-made features by name: \
        \(Embedder.handMadeNames.joined(separator: ", ")).

        Tasks: \(MarbleTask.all.map(\.name).joined(separator: ", ")), or all. With --labels a table of your own \
        (columns path, label, and optionally start, end, split, track) is a task, too, and so are the keys of a \
        corpus of 'etude synth' (labels.jsonl).

        Writes scores.json, report.json, report.md and report.html into --out, and keeps embeddings in its folder \
        embeddings, or in --store, and each score in its folder scores. What was stopped goes on there. If no probe of a model has a score on a task, \
        it is named, the others are there, and the command ends with status 1.

        Started by mpirun or srun, the ranks share the audio, and then models and tasks, with the same scores; --out and \
        --store have to be on a disk that all see: docs/cluster.md.

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

    @Option(
      help: """
        Layers of models between commas: numbers from 0, weighted (v1) or joined (v2); all unless given, the last for \
        --finetune.
        """)
    var layers: String?

    @Option(
      name: .customLong("protocol"),
      help: "The version of MARBLE, v1 or v2; see docs/marble.md for what differs.")
    var version = MarbleVersion.v1

    @Option(
      help: "What is trained on the embeddings: mlp, logistic (classes, labels) or ridge (numbers)."
    )
    var probe = ProbeKind.mlp

    @Option(
      help: "Train the model along with mlp: whole, last:N for its last N layers, or lora.")
    var finetune: FineTuning.Part?

    @Option(help: "The rank of the updates of --finetune lora; 8 unless given.")
    var loraRank: Int?

    @Option(
      help: ArgumentHelp(
        "A folder to keep fine-tuned models in, as TASK/MODEL; another for each setting.",
        valueName: "dir"))
    var keep: String?

    @Option(
      help: """
        Learning rates of mlp between commas; v1's six or v2's one for the task unless given, 0.005 for lora, 0.0001 \
        for other fine-tuning.
        """)
    var rates: String?

    @Option(help: "Penalties of logistic and ridge between commas; 100, 10 … 0.001 unless given.")
    var penalties: String?

    @Option(help: "The most epochs of a probe, where a task has more.")
    var epochs: Int?

    @Option(help: "The seed of the probes.")
    var seed = 1234

    @Option(help: "The precision of the models, fp32 or bf16.")
    var precision = Precision.fp32

    @Flag(help: "Print the scores as JSON: model, task, metric.")
    var json = false

    func validate() throws {
      try requirePath("--data", data)
      for name in model { try requirePath("--model", name) }
      _ = try (namedTasks(), grid())
      try checkFineTuning()
      if probe == .mlp, penalties != nil {
        throw ValidationError(
          "--penalties: are those of --probe logistic and ridge; leave them out")
      }
      if probe != .mlp, rates != nil || epochs != nil {
        throw ValidationError("--rates and --epochs: are those of --probe mlp; leave them out")
      }
      try require("--seed", seed, in: 0...Int.max)
      if let epochs { try require("--epochs", epochs, in: 1...1_000_000) }
      guard !model.isEmpty else { throw ValidationError("--model: name at least one") }
      for name in model where model.count(where: { $0 == name }) > 1 {
        throw ValidationError("--model \(name): is given twice; leave one of them out")
      }
    }

    func run() throws {
      try Launched.run(threads) { ranks in
        if ranks.isFirst { precision.warn() }
        let folder = try ranks.agree { try writableFolder(out) }
        let marble = try ranks.agree { try scoring(in: folder, ranks) }
        let results = try marble.run(commands: [Shell.command(CommandLine.arguments)])
        try ranks.lead {
          try results.write(to: folder)
          print(json ? String(decoding: try results.json(), as: UTF8.self) : results.table)
        }
        if !results.failed.isEmpty { throw ExitCode.failure }
      }
    }

    private func scoring(in folder: URL, _ ranks: Ranks) throws -> Marble {
      Marble(
        try namedTasks() + ownTasks(),
        of: try model.map { try Embedder(at: $0, precision: precision) },
        root: URL(filePath: data ?? ".", directoryHint: .isDirectory),
        setting: setting, grid: try grid(),
        store: EmbeddingStore(
          try store.map(writableFolder) ?? folder.appendingPathComponent("embeddings")),
        keepingModelsIn: try keep.map(writableFolder),
        scoresIn: folder.appendingPathComponent("scores"), among: ranks,
        watch: ranks.isFirst
          ? MarbleProgress().show : RankMarbleProgress(ranks.name(of: ranks.rank)).show)
    }

    private func checkFineTuning() throws {
      if finetune != nil, probe != .mlp {
        throw ValidationError("--finetune: goes with --probe mlp; leave one of them out")
      }
      if finetune == nil, keep != nil {
        throw ValidationError("--keep: keeps fine-tuned models; give --finetune as well")
      }
      guard let loraRank else { return }
      guard case .lowRank = finetune else {
        throw ValidationError("--lora-rank: is that of --finetune lora; leave it out")
      }
      try require("--lora-rank", loraRank, in: 1...4096)
    }

    private var setting: MarbleSetting {
      var part = finetune
      if case .lowRank = part, let loraRank { part = .lowRank(loraRank) }
      return MarbleSetting(version, probe: probe, fineTuning: part.map { FineTuning($0) })
    }

    private func grid() throws -> ProbeGrid {
      var grid = ProbeGrid(layers: try chosenLayers(), epochs: epochs)
      grid.probe.seed = seed
      if let rates { grid.rates = try positive(rates, "--rates") }
      if let penalties { grid.regression.penalties = try positive(penalties, "--penalties") }
      return grid
    }

    /// The tasks of `--tasks`, if there are data for them.
    private func namedTasks() throws -> [MarbleTask] {
      guard data != nil else {
        guard !labels.isEmpty else {
          throw ValidationError("give --data, --labels or both; nothing is scored otherwise")
        }
        guard tasks == "all" else {
          throw ValidationError("--tasks \(tasks): are those of --data; give it as well")
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
      try layers?.split(separator: ",", omittingEmptySubsequences: false).map { text in
        if text == "weighted" { return .weighted }
        if text == "joined" { return .joined }
        guard let number = Int(text), number >= 0 else {
          throw ValidationError("--layers \(text): give numbers from 0, weighted or joined")
        }
        return .layer(number)
      }
    }

    private func positive(_ list: String, _ option: String) throws -> [Float] {
      guard !list.isEmpty else { throw ValidationError("\(option): give numbers above 0") }
      return try list.split(separator: ",", omittingEmptySubsequences: false).map { text in
        guard let number = Float(text), number > 0, number.isFinite else {
          throw ValidationError("\(option) \(text): give numbers above 0")
        }
        return number
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

extension FineTuning.Part: ExpressibleByArgument {
  /// `whole`, `lora` of rank 8, or `last:2`.
  public init?(argument: String) {
    switch argument {
    case "whole": self = .whole
    case "lora": self = .lowRank(8)
    default:
      let words = argument.split(separator: ":", omittingEmptySubsequences: false)
      guard words.count == 2, words[0] == "last", let count = Int(words[1]), count >= 1 else {
        return nil
      }
      self = .last(count)
    }
  }
}

extension ProbeKind: ExpressibleByArgument {}
extension MarbleVersion: ExpressibleByArgument {}
