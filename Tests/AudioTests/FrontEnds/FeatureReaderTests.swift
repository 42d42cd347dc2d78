import Audio
import Foundation
import Tensor
import TestSupport
import Testing

/// Features that come block by block are those of the whole signal.
@Suite struct FeatureReaderTests {
  /// A minute; any shorter signal is its beginning.
  private static let minute = goldenSignal(seconds: 60, sampleRate: 24_000)

  /// At lengths where a block, or the transform of a short signal, just ends or just does not.
  @Test(arguments: FeatureKind.allCases)
  func blocksAreTheWhole(kind: FeatureKind) throws {
    let frontEnd = try kind.frontEnd(sampleRate: 24_000)
    let reach = frontEnd.reach
    let block = max(100, reach.grid)
    let ends = [block, block + reach.after, 3 * block].map { $0 * frontEnd.hopLength }
    let longest = (4 * block + reach.after) * frontEnd.hopLength
    for samples in ends.flatMap({ [$0 - 1, $0, $0 + 1] }) + [0, 1, 150, longest] {
      try expectWhole(frontEnd, Array(Self.minute[..<samples]), block)
    }
  }

  @Test(arguments: [STFT.Padding.zeros, .reflection, .none])
  func whateverTheSpectrumSeesBeyondTheEnds(padding: STFT.Padding) throws {
    for (fftLength, hop) in [(256, 64), (255, 77), (64, 100)] {
      let stft = STFT(fftLength: fftLength, hopLength: hop, padding: padding)
      let frontEnd = Spectrogram(stft, sampleRate: 8000)
      for samples in [10 * hop, 20 * hop, 20 * hop + 1, 2345] {
        try expectWhole(frontEnd, goldenSignal(samples: samples, sampleRate: 8000), 10)
      }
    }
  }

  private func expectWhole(
    _ frontEnd: any FrontEnd, _ signal: [Float], _ blockFrames: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var reader = FeatureReader(frontEnd, of: Pieces(signal), blockFrames: blockFrames)
    var (values, blocks) = ([Float](), [Int]())
    while let block = try reader.next() {
      values += block.scalars
      blocks.append(block.shape[0])
    }
    let whole = frontEnd(signal)
    let isEqual = values == whole.scalars
    #expect(isEqual, "\(signal.count) samples", sourceLocation: sourceLocation)
    #expect(blocks.dropLast().allSatisfy { $0 == blockFrames } && reader.samples == signal.count)
    #expect(blocks.count == (whole.shape[0] + blockFrames - 1) / blockFrames)
  }

  /// Of a file at another rate, in stereo, that is decoded on the way, and of one that is decoded already.
  @Test func filesOfACollection() throws {
    let folder = try TestFolder()
    try AudioFile.write(
      goldenSignal(samples: 200_000, sampleRate: 44_100), sampleRate: 44_100, channels: 2,
      to: folder.path("a.ogg"))
    let list = try Manifest.open(folder.path).manifest
    let frontEnd = try FeatureKind.mfcc39.frontEnd(sampleRate: 16_000)
    let whole = frontEnd(try AudioFile.decode(folder.path("a.ogg"), sampleRate: 16_000))
    let decoded = try DecodedAudio(list, sampleRate: 16_000, scratchFolder: folder.path)
    let onDemand = try AudioFiles(list, sampleRate: 16_000, lengthsAreKnown: true)
    for audio in [decoded, onDemand] as [any AudioSource] {
      let isEqual = try frontEnd.features(of: audio, file: 0).scalars == whole.scalars
      #expect(isEqual, "\(type(of: audio))")
    }
    // The audio has changed since it was measured.
    try AudioFile.write(
      goldenSignal(samples: 90_000, sampleRate: 44_100), sampleRate: 44_100, channels: 2,
      to: folder.path("a.ogg"))
    #expect(throws: AudioError.self) { try frontEnd.features(of: onDemand, file: 0) }
  }

  /// To the bit at equal rates; a stretch that is resampled differs as resampling does.
  @Test(arguments: FeatureKind.allCases, [24_000, 44_100])
  func aStretchIsThatOfTheWhole(kind: FeatureKind, rate: Int) throws {
    let folder = try TestFolder()
    let path = folder.path("a.wav")
    try AudioFile.write(
      Array(Self.minute[..<(16 * rate + 77)]), sampleRate: rate, encoding: .float32, to: path)
    let file = try MeasuredFile(path)
    let frontEnd = try kind.frontEnd(sampleRate: 24_000)
    let whole = frontEnd(try AudioFile.decode(path, sampleRate: 24_000))
    let count = whole.shape[0]
    for frames in [0..<1, 870..<990, count - 3..<count, count..<count] {
      let stretch = try frontEnd.features(of: file, frames: frames)
      let expected = whole.sliced(axis: 0, frames)
      #expect(stretch.shape == expected.shape)
      if rate == 24_000 {
        let isEqual = stretch.scalars == expected.scalars
        #expect(isEqual, "\(frames)")
      } else if !frames.isEmpty {
        expectClose(stretch, expected, relative: 1e-5)
      }
    }
  }

  /// An hour in one file, in another process, whose memory is its own.
  @Test func anHourNeedsLittleMemory() async {
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      let (rate, path) = (16_000, folder.path("hour.wav"))
      try AudioFile.write(tones(rate, sampleRate: rate), sampleRate: rate, to: path)
      try SparseWav.lengthen(path, toBytes: 3600 * rate * 2)
      let frontEnd = try FeatureKind.mel.frontEnd(sampleRate: rate, frameRate: 10)
      let before = peakResidentBytes()
      var (reader, frames) = (try FeatureReader(frontEnd, of: path), 0)
      while let block = try reader.next() { frames += block.shape[0] }
      precondition(frames == 36_001 && reader.samples == 3600 * rate && reader.silence == nil)
      let growth = peakResidentBytes() - before
      precondition(growth < 64 << 20, "grew by \(growth >> 20) MiB")
    }
  }
}

/// A signal in pieces of uneven lengths.
private struct Pieces: SampleReader {
  private let samples: [Float]
  private var position = 0
  private var length = 1

  init(_ samples: [Float]) { self.samples = samples }

  var silence: Silence? { nil }

  mutating func next() throws(AudioError) -> [Float]? {
    guard position < samples.count else { return nil }
    length = length * 7 % 10_007
    let end = min(samples.count, position + length)
    defer { position = end }
    return Array(samples[position..<end])
  }
}
