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
    #expect(zip(decoded, expected).allSatisfy { abs($0 - max(-1, min(1, $1))) < 1e-4 })
  }

  @Test func whatDoesNotFitIsOneLine() throws {
    #expect(try run("song.wav --model codec --out c.safetensors").code == 0)
    for (line, words) in [
      ("song.wav --model codec --out x.npy --codebooks 10", "--codebooks 10: codec has 9"),
      ("song.wav --model nowhere --out x.npy", "nowhere"),
      ("nothing.wav --model codec --out x.npy", "nothing.wav"),
      ("song.wav --model codec --out x.txt", "x.txt"),
      ("decode song.wav --model codec --out d.wav", "song.wav"),
      ("decode c.safetensors --model codec --out d.wav --codebooks 9", "c.safetensors has 8"),
    ] {
      let (code, errors) = try run(line)
      let lines = errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      #expect(code != 0 && lines.count == 1 && lines[0].contains(words), "\(line): \(errors)")
    }
  }
}
