import Audio
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct CodecSamplesTests {
  private static let rate = 1000
  private let codec = tinyCodec(sampleRate: rate)
  private let music = MemoryAudio(
    signals: [
      tones(8000, sampleRate: rate), tones(7000, sampleRate: rate).reversed(),
      Array(tones(3000, sampleRate: rate)[1000...]),
    ], sampleRate: rate)

  private func samples(_ folder: URL) throws -> CodecSamples {
    try JSONDecoder().decode(
      CodecSamples.self, from: Data(contentsOf: folder.appendingPathComponent("samples.json")))
  }

  private func write(seed: UInt64, to folder: URL) throws -> CodecSamples {
    try CodecSamples.write(of: codec, audio: music, seed: seed, to: folder)
    return try samples(folder)
  }

  @Test func everySoundOfTheListIsThere() throws {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("samples/step-20")
      let samples = try write(seed: 1, to: folder)
      #expect(samples.sampleRate == Self.rate && samples.excerpts.count == 4)
      for excerpt in samples.excerpts {
        #expect(excerpt.reconstructions.map(\.codebooks) == [1, 2, 3])
        let original = try sound(excerpt.original, of: folder)
        let file = try #require(music.files.firstIndex { $0.path == excerpt.source })
        let start = Int((excerpt.start * Double(Self.rate)).rounded())
        let expected = music.signals[file][start..<start + original.count]
        #expect(original.count == min(5 * Self.rate, music.signals[file].count))
        #expect(zip(original, expected).allSatisfy { abs($0 - $1) <= 1 / 32_768 })
        for reconstruction in excerpt.reconstructions {
          let coded = try codec.codes(of: Array(expected), codebooks: reconstruction.codebooks)
          let y = try codec.samples(of: coded)
          let found = try sound(reconstruction.file, of: folder)
          #expect(zip(found, y).allSatisfy { abs($0 - min(max($1, -1), 1)) <= 1 / 16_384 })
        }
      }
    }
  }

  private func sound(_ name: String, of folder: URL) throws -> [Float] {
    try AudioFile(folder.appendingPathComponent(name).path).samples()
  }

  @Test func theSeedDecidesTheExcerpts() throws {
    try withTemporaryFolder { root in
      let first = try write(seed: 1, to: root.appendingPathComponent("a"))
      #expect(try write(seed: 1, to: root.appendingPathComponent("b")) == first)
      #expect(try write(seed: 2, to: root.appendingPathComponent("c")) != first)
    }
  }

  @Test func measuresCoverMoreThanTheSounds() throws {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("step-1")
      _ = try write(seed: 1, to: folder)
      let measures = try JSONDecoder().decode(
        CodecMeasures.self,
        from: Data(contentsOf: folder.appendingPathComponent("measures.json")))
      #expect(measures.rows.count == 3 && measures.seconds > 4 * 5)
    }
  }

  /// Of three stretches the loudest is taken. Of a file whose first three quarters are silent, 3 of 8 excerpts are
  /// expected to be silent, and 6 if the first stretch were taken.
  @Test func fewExcerptsAreSilent() throws {
    let silent = [Float](repeating: 0, count: 45_000) + tones(15_000, sampleRate: Self.rate)
    try withTemporaryFolder { root in
      let silentOnes = try (0..<2).flatMap { seed in
        let folder = root.appendingPathComponent("\(seed)")
        try CodecSamples.write(
          of: codec, audio: MemoryAudio(signals: [silent], sampleRate: Self.rate),
          seed: UInt64(seed), to: folder)
        return try samples(folder).excerpts.filter { $0.start + 5 < 45 }
      }
      #expect(silentOnes.count < 5)
    }
  }

  @Test func trapsOnAnotherSampleRate() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try CodecSamples.write(
        of: tinyCodec(sampleRate: 16_000), audio: MemoryAudio(signals: [[0]], sampleRate: 8000),
        seed: 1, to: URL(fileURLWithPath: "/nowhere"))
    }
    expectWords("CodecSamples: audio of 8000 Hz, codec of 16000 Hz", in: result)
  }
}
