import Audio
import Evaluate
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Songs that are taken apart.
@Suite struct SeparatorTests {
  /// Both channels of a part, of stereo and of mono files.
  @Test func bothChannelsOfAFile() throws {
    let folder = try TestFolder()
    let (left, right) = ((0..<900).map { Float($0) / 1_000 }, (0..<900).map { -Float($0) / 2_000 })
    let path = folder.path("stereo.wav")
    try AudioFile.write(
      zip(left, right).flatMap { [$0, $1] }, sampleRate: 8_000, channels: 2, encoding: .float32,
      to: path)
    let file = try AudioFile(path)
    #expect(try file.stereo(sampleRate: 8_000) == [left, right])
    let part = try file.stereo(from: 100, count: 50, sampleRate: 8_000)
    #expect(part == [Array(left[100..<150]), Array(right[100..<150])])
    #expect(try file.stereo(from: 880, count: 50, sampleRate: 8_000)[1].count == 20)
    #expect(try file.stereo(sampleRate: 16_000)[0].count == 1_800)
    try AudioFile.write(left, sampleRate: 8_000, encoding: .float32, to: folder.path("mono.wav"))
    let mono = try AudioFile(folder.path("mono.wav")).stereo(sampleRate: 8_000)
    #expect(mono == [left, left])
  }

  /// Loud for 90 s and then soft: a model hears it as any file, brought to one level as a whole.
  @Test func aLongSongIsOneSignal() throws {
    var config = Tiny.encoder
    config.normalizesWaveform = true
    var generator = RandomStream(seed: 3, purpose: .initialisation)
    let encoder = try AudioEncoder(config, using: &generator)
    let song = (0..<24_000 * 94).map { place -> Float in
      let level: Float = place < 24_000 * 90 ? 0.5 : 0.01
      return level * sin(Float(place % 24_000) * 0.05)
    }
    let states = try SeparationFrames(embedder: Embedder(encoder, name: "tiny"))
      .states(of: [song, song])
    let whole = try encoder.hiddenStates(of: song, windows: EncoderWindows(seconds: 60))
    #expect(states.count == 2 && states[0].shape[0] == 1 + song.count / 320)
    for (state, expected) in zip(states, whole) {
      expectClose(state.sliced(axis: 0, 0..<expected.shape[0]), expected, relative: 1e-6)
    }
  }

  /// A click after 95 s stands at its frame, also of features that have one frame more than hops.
  @Test func framesStandAtTheirTimes() throws {
    var song = [Float](repeating: 0, count: 24_000 * 97)
    song[24_000 * 95] = 0.9
    let embedder = try #require(Embedder(handMade: "log-mel"))
    let state = try SeparationFrames(embedder: embedder).states(of: [song, song])[0]
    let (numbers, width) = (state.scalars, state.shape[1])
    let levels = (0..<state.shape[0]).map { frame in
      numbers[frame * width..<(frame + 1) * width].reduce(0, +)
    }
    let loudest = levels.indices.max { levels[$0] < levels[$1] }
    #expect(loudest == 95 * 75)
  }
}
