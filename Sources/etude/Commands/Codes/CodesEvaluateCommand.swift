import ArgumentParser
import Evaluate
import Files
import Foundation
import Models

extension CodesCommand {
  /// `etude codes evaluate`: how well a codec reconstructs music.
  struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "evaluate",
      abstract: "Measure a codec on audio files, for each number of codebooks.",
      discussion: """
        Prints for each codebook how many of its entries occur and their perplexity, and for the first \
        codebooks together the bitrate efficiency, the SI-SDR and the log-mel distance of the \
        reconstruction. Name files that the codec was not trained on. Files are mixed to mono. If one of \
        several files cannot be used, it is named on standard error and left out.

        Example:
          etude codes evaluate --model runs/codec music/*.ogg \\
            --out codec.html
        """)

    @OptionGroup var threads: ThreadOptions

    @Option(help: ArgumentHelp("Folder of a codec, or a run that trained one.", valueName: "dir"))
    var model: String

    @Argument(help: "Audio files.")
    var files: [String]

    @Option(help: ArgumentHelp("A page to write, ending in .html.", valueName: "file"))
    var out: String?

    @OptionGroup var output: BenchmarkOutput

    func validate() throws {
      if let out, !out.lowercased().hasSuffix(".html") {
        throw ValidationError("--out \(out): the page is written as .html")
      }
    }

    func run() throws {
      threads.apply()
      if let out { try FileTarget.check(out) }
      let codec = try Codec.load(modelPath(model))
      var evaluation = CodecEvaluation(of: codec)
      _ = try usable(files) { file in
        let line = ProgressLine(file)
        try evaluation.add(file) { line.show($0, of: $1) }
      }
      let report = CodecReport(
        model: model, evaluation, commands: [Shell.command(CommandLine.arguments)])
      if let out { try report.write(to: URL(fileURLWithPath: out)) }
      output.json ? try output.printJSON(report) : print(report.text)
      if let out { note("wrote \(out)") }
    }
  }
}
