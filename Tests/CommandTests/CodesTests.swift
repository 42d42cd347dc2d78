import Audio
import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// `etude codes` and `etude codes decode`.
@Suite(.enabled(if: BuiltCommand.isThere)) struct CodesTests {
  private let folder: TestFolder
  private let codec: Codec

  init() throws {
    folder = try TestFolder()
    var config = Codec.Config()
    (config.sampleRate, config.width, config.filters) = (8_000, 6, 2)
    (config.strides, config.lstmLayers) = ([4, 5], 1)
    (config.quantizer.codebooks, config.quantizer.codes) = (9, 16)
    var stream = RandomStream(seed: 3, purpose: .initialisation)
    var codec = Codec(config, using: &stream)
    for book in codec.quantizer.codebooks.indices {
      codec.quantizer.codebooks[book].vectors = .normal([16, 6], using: &stream)
      codec.quantizer.codebooks[book].isInitialized = Tensor([1])
    }
    self.codec = codec
    try codec.save(to: folder.url.appendingPathComponent("codec"))
    try AudioFile.write(
      (0..<12_345).map { 0.3 * sin(Float($0) * 0.07) }, sampleRate: 8_000,
      to: folder.url.appendingPathComponent("song.wav").path)
  }

  private func run(_ line: String) throws -> (code: Int32, errors: String) {
    try BuiltCommand.run("cd '\(folder.url.path)' && \"$ETUDE\" codes \(line)")
  }

  private func file(_ name: String) throws -> SafeTensors {
    try SafeTensors(contentsOf: folder.url.appendingPathComponent(name))
  }

  @Test func eightCodebooksUnlessMoreAreWanted() throws {
    let samples = try AudioFile.decode(
      folder.url.appendingPathComponent("song.wav").path, sampleRate: 8_000)
    for (option, count) in [("", 8), ("--codebooks 9", 9), ("--codebooks 1 --threads 1", 1)] {
      #expect(try run("song.wav --model codec --out c.safetensors \(option)").code == 0)
      let codes = try file("c.safetensors").tensor("codes")
      #expect(codes.dtype == .int32 && codes.shape == [count, 618])
      #expect(try codes.integers == codec.codes(of: samples, codebooks: count).codes.integers)
    }
  }

  @Test func decodedCodesAreTheCodecsWaveform() throws {
    #expect(try run("song.wav --model codec --out c.safetensors").code == 0)
    #expect(try run("decode c.safetensors --model codec --out d.wav").code == 0)
    let coded = CodedAudio(codes: try file("c.safetensors").tensor("codes"), samples: 12_345)
    let expected = try codec.samples(of: coded)
    let decoded = try AudioFile.decode(
      folder.url.appendingPathComponent("d.wav").path, sampleRate: 8_000)
    #expect(decoded.count == 12_345)
    #expect(zip(decoded, expected).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) })
  }

  /// libsndfile's encoder of MPEG reports no write that fails. A file may have 2 kB.
  @Test(arguments: ["mp3", "wav", "flac", "ogg"])
  func aFileThatDoesNotFitIsAnError(form: String) throws {
    #expect(try run("song.wav --model codec --out c.safetensors").code == 0)
    let (code, errors) = try BuiltCommand.run(
      """
      cd '\(folder.url.path)' && trap '' XFSZ && ulimit -f 4 && \
      "$ETUDE" codes decode c.safetensors --model codec --out d.\(form)
      """)
    #expect(code == 1 && errors.contains("d.\(form)"), "\(errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("d.\(form)")))
  }

  @Test func whatDoesNotFitIsOneLine() throws {
    #expect(try run("song.wav --model codec --out c.safetensors").code == 0)
    let codes = try file("c.safetensors").tensor("codes")
    for (name, hop, tensors) in [
      ("hop", "40", [("codes", codes)]),
      ("scales", "20", [("codes", codes), ("scales", Tensor([Int32(1)]))]),
    ] {
      try SafeTensors.write(
        tensors, to: folder.url.appendingPathComponent("\(name).safetensors"),
        metadata: ["samples": "12345", "sample_rate": "8000", "hop": hop])
    }
    for (line, words) in [
      ("song.wav --model codec --out x.npy --codebooks 10", "--codebooks 10: codec has 9"),
      ("song.wav --model nowhere --out x.npy", "nowhere"),
      ("nothing.wav --model codec --out x.npy", "nothing.wav"),
      ("song.wav --model codec --out x.txt", "x.txt"),
      ("decode song.wav --model codec --out d.wav", "song.wav"),
      ("decode c.safetensors --model codec --out d.wav --codebooks 9", "c.safetensors has 8"),
      ("decode hop.safetensors --model codec --out d.wav", "has the hop 40, the codec 20"),
      ("decode scales.safetensors --model codec --out d.wav", "'scales' is not of float32"),
    ] {
      let (code, errors) = try run(line)
      let lines = errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      #expect(code != 0 && lines.count == 1 && lines[0].contains(words), "\(line): \(errors)")
    }
  }
}
