import ArgumentParser
import Benchmarks
import Foundation
import Models
import Tensor
import Train

extension BenchmarkCommand {
  /// Codes of a codec.
  struct Codes: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "codes", abstract: "Time the codes of a codec.",
      discussion: """
        Noise in memory. Without --model it is EnCodec at 24 kHz with random weights. The first run \
        touches its memory for the first time; the median is over those after it.

        Example:
          etude benchmark codes --seconds 10
        """)

    @Option(
      help: ArgumentHelp(
        "A codec's folder; one with random weights unless given.", valueName: "dir"))
    var model: String?

    @Option(parsing: .unconditional, help: "The length of the audio, seconds.")
    var seconds = 60.0

    @Option(parsing: .unconditional, help: "Codebooks; 8 of EnCodec's make 6 kbit/s.")
    var codebooks = 8

    @Option(help: "The precision of the encoder, fp32 or bf16.")
    var precision = Precision.fp32

    @Option(parsing: .unconditional, help: "Timed runs, after one that is not.")
    var runs = 3

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: BenchmarkOutput

    func validate() throws {
      try require("--seconds", seconds, in: 0.001...36_000)
      try require("--codebooks", codebooks, in: 1...1_024)
      try require("--runs", runs, in: 1...1_000_000)
    }

    func run() throws {
      threads.apply()
      output.warn()
      precision.warn()
      let codec = try codec()
      let most = codec.config.quantizer.codebooks
      if codebooks > most {
        throw ValidationError("--codebooks \(codebooks): the codec has \(most)")
      }
      let result = try CodesBenchmark.run(
        codec, seconds: seconds, codebooks: codebooks, precision: precision, runs: runs)
      output.json ? try output.printJSON(result) : print(result.summary)
    }

    private func codec() throws -> Codec {
      if let model { return try .load(URL(filePath: model, directoryHint: .isDirectory)) }
      var generator = RandomStream(seed: 0, purpose: .initialisation)
      var codec = Codec(Codec.Config(), using: &generator)
      for i in codec.quantizer.codebooks.indices {
        let shape = codec.quantizer.codebooks[i].vectors.shape
        codec.quantizer.codebooks[i].vectors = .normal(shape, using: &generator)
      }
      return codec
    }
  }
}

extension CodesBenchmark.Result {
  fileprivate var summary: String {
    func short(_ value: Double) -> String { String(format: "%.3g", value) }
    return """
      \(short(audioSeconds)) s in \(codebooks) codebooks, \(precision.rawValue), \(threads) threads: \
      \(short(secondsMedian)) s, the first time \(short(secondsFirst)) s
      \(short(audioSecondsPerSecond)) s of audio a second
      \(short(Double(peakRssBytes) * 1e-9)) GB at most
      """
  }
}
