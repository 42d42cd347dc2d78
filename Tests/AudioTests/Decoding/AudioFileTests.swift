import Audio
import Foundation
import TestSupport
import Testing

@Suite struct AudioFileTests {
  @Test(arguments: ["a.wav", "a.flac"])
  func sixteenBitsComeBack(name: String) throws {
    let folder = try TestFolder()
    let samples = tones(5000, sampleRate: 22_050)
    try AudioFile.write(samples, sampleRate: 22_050, to: folder.path(name))
    let file = try AudioFile(folder.path(name))
    #expect(file.sampleRate == 22_050 && file.channels == 1 && file.frames == 5000)
    let back = try file.samples()
    #expect(back.count == samples.count)
    #expect(zip(back, samples).allSatisfy { abs($0 - $1) < 1.6 / 32_768 })
    #expect(back != samples)
  }

  @Test func floatsComeBackExactlyEvenPastFullScale() throws {
    let folder = try TestFolder()
    let samples: [Float] = [0, 1.5, -2.25, 1e-7, 0.1]
    let path = folder.path("f.wav")
    try AudioFile.write(samples, sampleRate: 8000, encoding: .float32, to: path)
    #expect(try AudioFile(path).samples() == samples)
  }

  @Test func channelsAreAveraged() throws {
    let folder = try TestFolder()
    let path = folder.path("stereo.wav")
    let interleaved: [Float] = [1, 0, 0.5, 0.25, -1, 1]
    try AudioFile.write(
      interleaved, sampleRate: 8000, channels: 2, encoding: .float32, to: path)
    let file = try AudioFile(path)
    #expect(file.channels == 2 && file.frames == 3)
    #expect(try file.samples() == [0.5, 0.375, 0])
  }

  @Test(arguments: ["a.wav", "a.flac"])
  func aRangeIsTheMiddleOfTheWhole(name: String) throws {
    let folder = try TestFolder()
    let path = folder.path(name)
    try AudioFile.write(tones(50_000, sampleRate: 16_000), sampleRate: 16_000, to: path)
    let file = try AudioFile(path)
    let whole = try file.samples()
    #expect(try file.samples(in: 20_011..<39_999) == Array(whole[20_011..<39_999]))
    #expect(throws: AudioError.self) { try file.samples(in: 49_000..<50_001) }
  }

  @Test func decodingResamples() throws {
    let folder = try TestFolder()
    let path = folder.path("a.wav")
    try AudioFile.write(
      tones(44_100, sampleRate: 44_100), sampleRate: 44_100, encoding: .float32, to: path)
    let decoded = try AudioFile.decode(path, sampleRate: 24_000)
    let direct = tones(24_000, sampleRate: 24_000)
    #expect(decoded.count == 24_000)
    // The ends differ: there the resampler sees silence instead of the tones.
    let error = (2000..<22_000).map { abs(decoded[$0] - direct[$0]) }.max()!
    #expect(error < 2e-5, "largest difference \(error)")
  }

  @Test func writingNeedsAKnownEndingAndAFolder() throws {
    let folder = try TestFolder()
    for (name, reason) in [
      ("a.mp4", "the name must end in .wav"), ("a", "the name must end in .wav"),
      ("no/such/folder/a.wav", "no such file or folder; make its folder first"),
    ] {
      #expect {
        try AudioFile.write([0], sampleRate: 8000, to: folder.path(name))
      } throws: {
        "\($0)".contains("\(name): cannot be written") && "\($0)".contains(reason)
      }
    }
  }
}
