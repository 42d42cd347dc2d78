import Audio
import Foundation
import TestSupport
import Testing

/// Every format that is promised, at several rates and channel counts.
@Suite struct FormatTests {
  static let formats = [
    ("a.wav", 44_100, 2), ("b.wav", 11_025, 6), ("a.aiff", 44_100, 2), ("a.flac", 48_000, 2),
    ("b.flac", 96_000, 1), ("a.ogg", 44_100, 2), ("b.ogg", 8000, 6), ("a.opus", 48_000, 2),
    ("b.opus", 24_000, 1), ("a.mp3", 44_100, 2), ("b.mp3", 22_050, 1),
  ]

  private func write(_ name: String, _ rate: Int, _ channels: Int, frames: Int) throws
    -> TestFolder
  {
    let folder = try TestFolder()
    let mono = tones(frames, sampleRate: rate)
    try AudioFile.write(
      mono.flatMap { x in (0..<channels).map { x * (1 - 0.1 * Float($0)) } }, sampleRate: rate,
      channels: channels, to: folder.path(name))
    return folder
  }

  @Test(arguments: formats)
  func isDecoded(name: String, rate: Int, channels: Int) throws {
    let frames = 3 * rate + 17
    let folder = try write(name, rate, channels, frames: frames)
    let file = try AudioFile(folder.path(name))
    #expect(file.sampleRate == rate && file.channels == channels && file.frames == frames)
    let samples = try file.samples()
    #expect(samples.count == frames)
    #expect(try file.count() == frames)
    // The mean of channels at levels 1, 0.9, 0.8 ...
    let level = 1 - 0.05 * Float(channels - 1)
    let original = tones(frames, sampleRate: rate)
    let error = zip(samples, original).reduce(0.0) { $0 + Double(pow($1.0 - level * $1.1, 2)) }
    let power = original.reduce(0.0) { $0 + Double($1 * $1) }
    #expect(error < 0.02 * power, "\(name): \(error / power)")
  }

  /// What is read from the middle is what decoding the whole gives there.
  @Test(arguments: formats)
  func isReadFromTheMiddle(name: String, rate: Int, channels: Int) throws {
    let frames = 3 * rate + 17
    let folder = try write(name, rate, channels, frames: frames)
    let file = try AudioFile(folder.path(name))
    let whole = try file.samples()
    let isPredictive = name.hasSuffix("mp3") || name.hasSuffix("opus")
    for start in [0, 1, rate / 3, rate + 1234, 2 * rate + 777, frames - 500] {
      let range = start..<min(frames, start + 5001)
      let part = try file.samples(in: range)
      let worst = zip(part, whole[range]).map { abs($0 - $1) }.max()!
      #expect(part.count == range.count && worst <= (isPredictive ? 1e-6 : 0), "\(name): \(worst)")
      #expect(try file.samples(in: range, seeking: false) == Array(whole[range]))
    }
    #expect(throws: AudioError.self) { try file.samples(in: frames - 10..<frames + 1) }
    #expect(throws: AudioError.self) { try file.samples(in: frames + 10..<frames + 20) }
  }

  @Test(arguments: formats, Resampler.allCases)
  func isReadFromTheMiddleAtAnotherRate(
    format: (name: String, rate: Int, channels: Int), resampler: Resampler
  ) throws {
    let (name, rate) = (format.name, format.rate)
    let folder = try write(name, rate, format.channels, frames: 3 * rate + 17)
    let file = try AudioFile(folder.path(name))
    let whole = try AudioFile.decode(file.path, sampleRate: 24_000, by: resampler)
    for start in [0, 1, 5000, 33_333, whole.count - 4001] {
      let range = start..<start + 4001
      let part = try file.samples(in: range, at: 24_000, by: resampler, length: file.frames!)
      let worst = zip(part, whole[range]).map { abs($0 - $1) }.max()!
      #expect(part.count == 4001 && worst < 1e-6, "\(name) at \(start): \(worst)")
    }
    let past = whole.count - 10..<whole.count + 1
    #expect(throws: AudioError.self) {
      try file.samples(in: past, at: 24_000, by: resampler, length: file.frames!)
    }
  }

  @Test(arguments: formats)
  func isMissedWhenItsEndIsCutOff(name: String, rate: Int, channels: Int) throws {
    let folder = try write(name, rate, channels, frames: 3 * rate)
    try folder.cut(name, to: 0.6)
    let error = #expect(throws: AudioError.self) {
      try AudioFile(folder.path(name)).check(minimumSeconds: 0.1)
    }
    let line = error?.description ?? ""
    #expect(line.contains("truncated") && line.contains("fetch it again"), "\(line)")
    #expect(line.count < 300 && !line.contains("9223372036854775807"), "\(line)")
  }
}
