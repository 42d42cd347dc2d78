import Audio
import Foundation
import TestSupport
import Testing

/// Files that cannot be used are named with their reasons, also where all are.
@Suite struct UnusableFileTests {
  private func write(_ samples: [Float], channels: Int = 1, to path: String) throws {
    try AudioFile.write(
      samples, sampleRate: 8000, channels: channels, encoding: .float32, to: path)
  }

  @Test func whereNothingIsUsableTheFirstFilesAreNamed() throws {
    let folder = try TestFolder()
    for (name, count) in [("a", 4000), ("b", 2000), ("c", 1000), ("d", 500), ("e", 400)] {
      try write(tones(count, sampleRate: 8000), to: folder.path(name + ".wav"))
    }
    let words =
      "\(folder.path): none of its 5 audio files can be used: "
      + "a.wav (too short, 0.5 s where at least 1.0 s are needed; remove it or ask for less); "
      + "b.wav (too short, 0.25 s where at least 1.0 s are needed; remove it or ask for less); "
      + "c.wav (too short, 0.125 s where at least 1.0 s are needed; remove it or ask for less); 2 more"
    let list = try Manifest.open(folder.path).manifest
    for attempt in [
      { _ = try Manifest.scan(folder.path) },
      { _ = try DecodedAudio(list, sampleRate: 8000, scratchFolder: folder.path) },
      { _ = try AudioFiles(list, sampleRate: 8000, lengthsAreKnown: false) },
    ] {
      let error = #expect(throws: AudioError.self) { try attempt() }
      #expect(error?.description == words)
    }
  }

  @Test(arguments: [1e20, -3e38, 1e7])
  func absurdSamplesAreNamed(level: Float) throws {
    let folder = try TestFolder()
    var samples = tones(16_000, sampleRate: 8000)
    samples[12_000] = level
    let path = folder.path("loud.wav")
    try write(samples, to: path)
    #expect(throws: AudioError.tooLoud(path: path, seconds: 1.5, level: level)) {
      try AudioFile(path).check(minimumSeconds: 0)
    }
    let error = #expect(throws: AudioError.self) { try AudioFile(path).samples() }
    #expect(error?.description.contains("a sample at 1.5 s is ") == true)
    var reader = try FeatureReader(MFCC(sampleRate: 8000), of: path)
    #expect(throws: AudioError.self) { while try reader.next() != nil {} }
    samples[12_000] = 1000
    try write(samples, to: path)
    #expect(try AudioFile(path).check(minimumSeconds: 0) == 16_000)
  }

  /// 16-bit stereo whose channels oppose each other, rounded apart: the mean is half a step.
  @Test func opposedChannelsOfSixteenBitsAreSilent() throws {
    let folder = try TestFolder()
    let path = folder.path("opposed.wav")
    let samples = tones(16_000, sampleRate: 8000).enumerated().flatMap { place, x in
      [x, -x + (place % 3 == 0 ? 1.01 / 32_768 : 0)]
    }
    try AudioFile.write(samples, sampleRate: 8000, channels: 2, to: path)
    let error = #expect(throws: AudioError.silent(path: path, .channelsCancelOut)) {
      try AudioFile(path).check(minimumSeconds: 0)
    }
    #expect(error?.description.contains("its channels cancel each other out") == true)
    #expect(throws: AudioError.self) { try MFCC(sampleRate: 8000).checkedFeatures(of: path) }
  }

  @Test func stepsOfSixteenBitsAreSilentAndQuietMusicIsNot() throws {
    let folder = try TestFolder()
    let path = folder.path("quiet.wav")
    try write((0..<16_000).map { $0 % 2 == 0 ? 2e-5 : -2e-5 }, to: path)
    #expect(throws: AudioError.silent(path: path, .throughout)) {
      try AudioFile(path).check(minimumSeconds: 0)
    }
    try write(tones(16_000, sampleRate: 8000).map { $0 * 1e-3 }, to: path)
    #expect(try AudioFile(path).check(minimumSeconds: 0) == 16_000)
  }
}

extension FrontEnd {
  /// Reads all features of a file, and an error if it is silent.
  fileprivate func checkedFeatures(of path: String) throws {
    var reader = try FeatureReader(self, of: path)
    while try reader.next() != nil {}
    if let silence = reader.silence { throw AudioError.silent(path: path, silence) }
  }
}
