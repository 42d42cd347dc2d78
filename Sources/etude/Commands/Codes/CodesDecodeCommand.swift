import ArgumentParser
import Audio
import Files
import Foundation
import Models
import Tensor
import Train

extension CodesCommand {
  /// Codes as audio.
  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "decode", abstract: "Decode codes to an audio file.",
      discussion: """
        Reads what 'etude codes' wrote, .safetensors, and writes audio at the rate of the codec: .wav, .flac, .ogg, \
        .opus, .mp3 or .aiff by the name's ending; .wav and .aiff as 32-bit floats, which clip nothing. Decoding \
        with fewer codebooks than there are shows what each one adds.

        Example, after that of 'etude codes encode --help':
          etude codes decode --model runs/codec codes.safetensors --out decoded.wav
        """)

    @Option(
      help: ArgumentHelp("The codec that encoded, as for 'etude codes'.", valueName: "dir"))
    var model: String

    @Argument(help: ArgumentHelp("A .safetensors file of codes.", valueName: "codes"))
    var codes: String

    @Option(help: ArgumentHelp("The audio file to write.", valueName: "file"))
    var out: String

    @Option(
      parsing: .unconditional, help: "Codebooks to decode, from the first on; all unless given.")
    var codebooks: Int?

    @Option(help: "The precision of the codec, fp32 or bf16.")
    var precision = Precision.fp32

    @OptionGroup var threads: ThreadOptions

    /// Frames that are decoded at once.
    private static let block = 1_024

    func validate() throws {
      try require("--codebooks", codebooks, in: 1...1_024)
    }

    func run() throws {
      threads.apply()
      try FileTarget.check(out, seeking: true)
      precision.warn()
      let codec = try Codec.load(modelPath(model))
      let coded = try read(for: codec.config)
      let coder = CodecCoder(codec, precision: precision)
      var decoding = coder.decoding(samples: coded.samples, scales: coded.scales)
      try AudioFile.write(
        sampleRate: codec.config.sampleRate, channels: codec.config.channels, encoding: encoding,
        to: out
      ) { add in
        let frames = coded.codes.shape[1]
        for start in stride(from: 0, to: frames, by: Self.block) {
          let part = start..<min(start + Self.block, frames)
          try add(decoding.append(coded.codes.sliced(axis: 1, part)))
        }
        try add(decoding.finish())
      }
      print(
        "wrote \(out): \(coded.samples) samples of \(coded.codes.shape[0]) codebooks")
    }

    private var encoding: AudioFile.Encoding {
      [".wav", ".aiff"].contains { out.lowercased().hasSuffix($0) } ? .float32 : .pcm16
    }

    private func read(for config: Codec.Config) throws -> CodedAudio {
      let coded = try stored(by: config)
      do {
        try coded.check(config)
      } catch ModelError.waveform(let problem) {
        throw ModelError.file(codes, problem: problem)
      }
      return try chosen(of: coded)
    }

    private func stored(by config: Codec.Config) throws -> CodedAudio {
      let file = try SafeTensors(contentsOf: URL(fileURLWithPath: codes))
      guard file.names.contains("codes"), let samples = Int(file.metadata["samples"] ?? "") else {
        throw ModelError.file(
          codes, problem: "holds no codes of a codec; make them with 'etude codes'")
      }
      try check("sample_rate", config.sampleRate, of: file)
      try check("hop", config.stride, of: file)
      let books = try file.tensor("codes")
      guard file.names.contains("scales") else { return CodedAudio(codes: books, samples: samples) }
      let scales = try file.tensor("scales")
      guard scales.dtype == .float32 else {
        throw ModelError.file(codes, problem: "'scales' is not of float32; encode the audio again")
      }
      return CodedAudio(codes: books, scales: scales.scalars, samples: samples)
    }

    /// Codes of another codec can be of the right size.
    private func check(_ key: String, _ value: Int, of file: SafeTensors) throws {
      guard let stored = file.metadata[key], stored != "\(value)" else { return }
      throw ModelError.file(
        codes,
        problem: "has the \(key) \(stored), the codec \(value); name the codec that encoded it")
    }

    private func chosen(of coded: CodedAudio) throws -> CodedAudio {
      guard let codebooks else { return coded }
      let all = coded.codes.shape[0]
      guard codebooks <= all else {
        throw ValidationError("--codebooks \(codebooks): \(codes) has \(all)")
      }
      return CodedAudio(
        codes: coded.codes.sliced(axis: 0, 0..<codebooks), scales: coded.scales,
        samples: coded.samples)
    }
  }
}
