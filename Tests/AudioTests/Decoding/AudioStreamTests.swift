import Audio
import Foundation
import TestSupport
import Testing

/// Files read and written piece by piece, mono and stereo.
@Suite struct AudioStreamTests {
  private let folder: TestFolder
  private var path: String { folder.url.appendingPathComponent("song.wav").path }

  init() throws { folder = try TestFolder() }

  private func write(_ samples: [Float], channels: Int, sampleRate: Int = 8_000) throws {
    try AudioFile.write(
      samples, sampleRate: sampleRate, channels: channels, encoding: .float32, to: path)
  }

  private func read(_ channels: Int, sampleRate: Int = 8_000) throws -> [Float] {
    let stream = try AudioStream(path, sampleRate: sampleRate, channels: channels)
    var samples: [Float] = []
    while let piece = try stream.next() { samples += piece }
    return samples
  }

  private func tone(_ count: Int, _ frequency: Float) -> [Float] {
    (0..<count).map { 0.5 * sin(Float($0) * frequency) }
  }

  @Test func monoPiecesEqualTheDecodedFile() throws {
    try write(tone(40_000, 0.1), channels: 2, sampleRate: 44_100)
    #expect(
      try read(1, sampleRate: 24_000) == AudioFile.decode(path, sampleRate: 24_000))
  }

  @Test func stereoKeepsBothChannels() throws {
    let samples = zip(tone(20_000, 0.1), tone(20_000, 0.03)).flatMap { [$0, $1] }
    try write(samples, channels: 2)
    #expect(try read(2) == samples)
  }

  /// Each channel is resampled as if it were a file of its own.
  @Test func stereoIsResampledChannelByChannel() throws {
    let (left, right) = (tone(40_000, 0.1), tone(40_000, 0.03))
    try write(zip(left, right).flatMap { [$0, $1] }, channels: 2)
    let both = try read(2, sampleRate: 12_000)
    for (channel, own) in [left, right].enumerated() {
      try write(own, channels: 1)
      let alone = try read(1, sampleRate: 12_000)
      #expect(stride(from: channel, to: both.count, by: 2).map { both[$0] } == alone)
    }
  }

  @Test func aMonoFileIsItsChannelTwice() throws {
    let samples = tone(3_000, 0.1)
    try write(samples, channels: 1)
    #expect(try read(2) == samples.flatMap { [$0, $0] })
  }

  @Test func moreChannelsAreAveraged() throws {
    try write((0..<9_000).map { $0 % 3 == 0 ? 0.75 : 0 }, channels: 3)
    #expect(try read(2) == [Float](repeating: 0.25, count: 6_000))
  }

  @Test func piecesMakeTheSameFile() throws {
    let samples = tone(10_000, 0.1)
    try write(samples, channels: 2)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try AudioFile.write(sampleRate: 8_000, channels: 2, encoding: .float32, to: path) { add in
      for start in stride(from: 0, to: samples.count, by: 700) {
        try add(Array(samples[start..<min(start + 700, samples.count)]))
      }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
  }

  /// A channel with a broken sample is no mean.
  @Test func aBrokenSampleOfOneChannelIsNamed() throws {
    var samples = [Float](repeating: 0.1, count: 8_000)
    samples[4_001] = .nan
    try write(samples, channels: 2)
    #expect(complaint { _ = try read(2) }.contains("song.wav"))
  }
}
