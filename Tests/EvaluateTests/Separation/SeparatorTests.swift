import Audio
import Evaluate
import Foundation
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
}
