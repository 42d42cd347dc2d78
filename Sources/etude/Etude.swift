import ArgumentParser
import Audio
import Foundation
import Settings
import Tensor

struct Etude: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "etude",
    abstract: "Self-supervised pre-training on music audio, on CPUs.",
    discussion: """
      From a folder of music to a table that says which configuration learned more:

        etude synth --out corpus --minutes 40 --seed 1
        etude compare recipes/nano/*-nano.yaml --data corpus --out runs/first
      """,
    version: "etude \(etudeVersion)",
    subcommands: [
      SynthCommand.self, ManifestCommand.self, FeaturesCommand.self, TeachCommand.self,
      CodesCommand.self,
      PlanCommand.self, PretrainCommand.self, EmbedCommand.self, ProbeCommand.self,
      CompareCommand.self,
      ConvertCommand.self, BenchmarkCommand.self, InfoCommand.self,
    ])
}

@main
enum Main {
  /// A file name on the command line need not be UTF-8.
  static func main() async { await Etude.main(Array(FileName.arguments.dropFirst())) }
}

extension Precision: ExpressibleByArgument {}

/// Options that every verb with heavy work has.
struct ThreadOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Threads to work with; all cores unless given.")
  var threads: Int?

  func validate() throws {
    try require("--threads", threads, in: 1...1_024)
  }

  /// Sets the number of threads; call before any other work.
  func apply() {
    if let threads { Cores.count = threads }
  }
}
