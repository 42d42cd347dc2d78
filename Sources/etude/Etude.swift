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
      RecipeCommand.self,
      PlanCommand.self, PretrainCommand.self, RunsCommand.self, ReportCommand.self,
      EmbedCommand.self,
      ProbeCommand.self,
      CompareCommand.self,
      MarbleCommand.self,
      ConvertCommand.self, BenchmarkCommand.self, InfoCommand.self,
    ])
}

@main
enum Main {
  /// A file name on the command line need not be UTF-8.
  static func main() async { await Etude.main(Array(FileName.arguments.dropFirst())) }
}
