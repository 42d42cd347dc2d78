import ArgumentParser

/// `etude marble`: the tasks of the benchmark MARBLE.
struct MarbleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "marble",
    abstract: "Score models on MARBLE's tasks, or check the data sets.",
    usage: """
      etude marble --model <model> ... --data <root> --out <dir>
      etude marble data <root>
      """,
    discussion: """
      The word score may be left out; `etude marble score --help` lists the options.

      Example, after that of 'etude pretrain --help':
        etude marble --model runs/mert/checkpoints/step-1400 \\
          --model log-mel --labels corpus/labels.jsonl --out runs/marble
      """,
    subcommands: [Score.self, Check.self],
    defaultSubcommand: Score.self)
}
