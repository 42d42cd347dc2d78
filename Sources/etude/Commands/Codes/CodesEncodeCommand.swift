import ArgumentParser
import Audio
import Files
import Foundation
import HDF5
import Models
import Tensor
import Train

extension CodesCommand {
  /// Audio as codes.
  struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "encode", abstract: "Encode an audio file; the word encode may be left out.",
      discussion: """
        Writes the array codes, [codebooks, frames] int32, as .safetensors, .npy or .h5. The file is resampled to \
        the rate of the codec and brought to its channels; it is read piece by piece, whatever its length. A codec \
        that normalises loudness also writes the array scales, [chunks], which decoding needs.

        Example:
          etude codes --model runs/codec corpus/piece-0000.wav --out codes.safetensors
        """)

    @Option(
      help: ArgumentHelp(
        "Folder of a codec (Hugging Face's EncodecModel), run that trained one, or a file of the original code.",
        valueName: "dir"))
    var model: String

    @Argument(help: ArgumentHelp("An audio file.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("File to write: .safetensors, .npy or .h5.", valueName: "file"))
    var out: String

    @Option(
      parsing: .unconditional,
      help: "Codebooks to use, from the first on; 8 unless given, or all of a codec with fewer.")
    var codebooks: Int?

    @Option(help: "The precision of the codec, fp32 or bf16.")
    var precision = Precision.fp32

    @OptionGroup var threads: ThreadOptions

    func validate() throws {
      try require("--codebooks", codebooks, in: 1...1_024)
    }

    func run() throws {
      threads.apply()
      _ = try ArrayFile.format(of: out)
      try FileTarget.check(out, seeking: true)
      precision.warn()
      let codec = try Codec.load(modelPath(model))
      let coded = try encode(by: CodecCoder(codec, precision: precision))
      try write(coded, of: codec.config)
      print(
        "wrote \(out): \(coded.codes.shape[0]) codebooks of \(codec.config.quantizer.codes) codes, "
          + "\(coded.codes.shape[1]) frames")
    }

    private func encode(by coder: CodecCoder) throws -> CodedAudio {
      let stream = try AudioStream(
        file, sampleRate: coder.config.sampleRate, channels: coder.config.channels)
      var encoding = coder.encoding(codebooks: try count(coder.config))
      var parts: [Tensor] = []
      do {
        while let samples = try stream.next() { parts.append(try encoding.append(samples)) }
        parts.append(try encoding.finish())
      } catch ModelError.waveform(let problem) {
        throw ModelError.file(file, problem: problem)
      }
      return CodedAudio(
        codes: .concatenated(parts, axis: 1), scales: encoding.scales, samples: encoding.samples)
    }

    private func count(_ config: Codec.Config) throws -> Int {
      let all = config.quantizer.codebooks
      guard let codebooks else { return min(8, all) }
      guard codebooks <= all else {
        throw ValidationError("--codebooks \(codebooks): \(model) has \(all)")
      }
      return codebooks
    }

    private func write(_ coded: CodedAudio, of config: Codec.Config) throws {
      var arrays = [(name: "codes", tensor: coded.codes)]
      if !coded.scales.isEmpty { arrays.append(("scales", Tensor(coded.scales))) }
      try ArrayFile.write(
        arrays, to: out,
        metadata: [
          "sample_rate": "\(config.sampleRate)", "hop": "\(config.stride)",
          "samples": "\(coded.samples)",
        ])
    }
  }
}
