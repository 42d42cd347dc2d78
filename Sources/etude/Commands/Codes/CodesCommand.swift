import ArgumentParser

/// `etude codes`: the codes of a neural codec, and labels for other programs.
struct CodesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codes",
    abstract:
      "Encode audio as the codes of a neural codec, decode them, write codes for other programs.",
    usage: """
      etude codes --model <dir> <file> --out <file>
      etude codes decode --model <dir> <codes> --out <file>
      etude codes evaluate --model <dir> <files>
      etude codes export <store> --out <file>
      """,
    discussion: """
      The word encode may be left out; `etude codes encode --help` lists the options. Whole collections are \
      labelled by 'etude teach' with a recipe that has teacher.rvq.codec.

      Example, after that of 'etude pretrain --help' with a recipe of kind codec:
        etude codes --model runs/codec corpus/piece-0000.wav --out codes.safetensors
      """,
    subcommands: [Encode.self, Decode.self, Evaluate.self, Export.self],
    defaultSubcommand: Encode.self)
}
