import Audio
import Foundation
import TestSupport
import Testing

/// Crops decoded ahead and crops decoded on demand.
@Suite struct AudioSourceTests {
  private func music() throws -> TestFolder {
    let folder = try TestFolder()
    for (name, rate, channels) in FormatTests.formats {
      let mono = tones(2 * rate + 5, sampleRate: rate)
      try AudioFile.write(
        mono.flatMap { Array(repeating: $0, count: channels) }, sampleRate: rate,
        channels: channels, to: folder.path(name))
    }
    return folder
  }

  @Test(arguments: Resampler.allCases)
  func bothGiveTheSame(resampler: Resampler) throws {
    let folder = try music()
    let list = try Manifest.open(folder.path).manifest
    let ahead = try DecodedAudio(
      list, sampleRate: 24_000, resampler: resampler, scratchFolder: folder.path)
    let onDemand = try AudioFiles(
      list, sampleRate: 24_000, resampler: resampler, lengthsAreKnown: false)
    #expect(ahead.files == onDemand.files && ahead.count == FormatTests.formats.count)
    for file in 0..<ahead.count {
      let length = ahead.samples(of: file)
      for (start, count) in [(0, length), (0, 1000), (12_345, 20_000), (length - 999, 999)] {
        let (a, b) = (
          ahead.crop(file: file, start: start, length: count),
          try onDemand.crop(file: file, start: start, length: count)
        )
        let worst = zip(a, b).map { abs($0 - $1) }.max()!
        #expect(worst < 1e-6, "\(ahead.files[file].path) at \(start): \(worst)")
      }
    }
  }

  @Test func brokenFilesAreLeftOutAndReported() throws {
    let folder = try music()
    var manifest = try Manifest.open(folder.path).manifest
    for broken in BrokenFile.allCases {
      _ = try broken.make(in: folder)
      manifest.entries.append(Manifest.Entry(path: broken.name, samples: 1))
    }
    // A wrong length makes it decode the whole file, the length of the header only the end.
    let whole = try AudioFiles(manifest, sampleRate: 16_000, lengthsAreKnown: true)
    #expect(whole.count == FormatTests.formats.count)
    #expect(Set(whole.skipped.map(\.path)) == Set(BrokenFile.allCases.map(\.name)))
    let ends = try AudioFiles(
      manifest, sampleRate: 16_000, lengthsAreKnown: false, minimumSeconds: 0.1)
    let sound = Set(BrokenFile.allCases.map(\.name)).subtracting(ends.skipped.map(\.path))
    #expect(sound.isSubset(of: [BrokenFile.notANumber, .silent, .damagedFlac].map(\.name)))
    let error = #expect(throws: AudioError.self) {
      let file = try #require(ends.files.firstIndex { $0.path == BrokenFile.notANumber.name })
      _ = try ends.crop(file: file, start: 3_990, length: 12)
    }
    #expect(error.map { $0.reason.contains("NaN or infinite") } == true)
  }

  @Test func aFileThatIsGoneIsAnErrorOfItsCrop() throws {
    let folder = try music()
    let list = try Manifest.open(folder.path).manifest
    let audio = try AudioFiles(list, sampleRate: 24_000, lengthsAreKnown: true)
    try FileManager.default.removeItem(atPath: folder.path("a.flac"))
    let file = list.entries.firstIndex { $0.path == "a.flac" }!
    let error = #expect(throws: AudioError.self) {
      try audio.crop(file: file, start: 0, length: 100)
    }
    #expect(error == .missing(path: folder.path("a.flac")))
  }

  /// An hour in one file, in another process, whose memory is its own.
  @Test func anHourNeedsLittleMemory() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      let (rate, path) = (24_000, folder.path("hour.wav"))
      try AudioFile.write(tones(rate, sampleRate: rate), sampleRate: rate, to: path)
      try SparseWav.lengthen(path, toBytes: 3600 * rate * 2)
      let before = peakResidentBytes()
      let manifest = try Manifest.scan(folder.path).manifest
      let decoded = try DecodedAudio(manifest, sampleRate: rate, scratchFolder: folder.path)
      let onDemand = try AudioFiles(manifest, sampleRate: 16_000, lengthsAreKnown: true)
      precondition(decoded.seconds == 3600 && onDemand.seconds == 3600)
      for second in [0, 1800, 3540] {
        let ahead = decoded.crop(file: 0, start: second * rate, length: 5 * rate)
        let crop = try onDemand.crop(file: 0, start: second * 16_000, length: 80_000)
        precondition(ahead.count == 5 * rate && crop.count == 80_000)
      }
      let growth = peakResidentBytes() - before
      precondition(growth < 48 << 20, "grew by \(growth >> 20) MiB")
    }
  }
}

/// Lengthens a wav file by zeros that take no room on disk.
enum SparseWav {
  static func lengthen(_ path: String, toBytes count: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    for (offset, value) in [(4, count + 36), (40, count)] {
      try file.seek(toOffset: UInt64(offset))
      let bytes = withUnsafeBytes(of: UInt32(value).littleEndian) { Data($0) }
      try file.write(contentsOf: bytes)
    }
    try file.truncate(atOffset: UInt64(count + 44))
    try file.close()
  }
}

/// The most memory that this process held at once, bytes.
func peakResidentBytes() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}
