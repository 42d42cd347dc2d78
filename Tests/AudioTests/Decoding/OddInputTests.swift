import Audio
import Foundation
import Tensor
import TestSupport
import Testing

/// What every front end does with input that no recording should be, but some are.
@Suite struct OddInputTests {
  private func frontEnd(_ kind: FeatureKind) throws -> any FrontEnd {
    try kind.frontEnd(sampleRate: 24_000)
  }

  @Test(arguments: FeatureKind.allCases)
  func silenceIsFiniteAndTheSameInEveryFrame(kind: FeatureKind) throws {
    let frontEnd = try frontEnd(kind)
    let features = frontEnd([Float](repeating: 0, count: 5003))
    let first = Array(features.scalars[..<features.shape[1]])
    #expect(first.allSatisfy { $0.isFinite })
    for frame in 0..<features.shape[0] {
      #expect(features.sliced(axis: 0, frame..<frame + 1).scalars == first)
    }
  }

  /// Frames that end inside the signal need a whole one, centred frames do not.
  @Test(arguments: FeatureKind.allCases)
  func fewSamplesGiveOneFrameOrNone(kind: FeatureKind) throws {
    let frontEnd = try frontEnd(kind)
    let expected = kind == .mfcc39 || kind == .mfcc60 ? 0 : 1
    for count in [0, 1, 2, 150] {
      let features = frontEnd([Float](repeating: 0.25, count: count))
      #expect(features.shape == [expected, frontEnd.width])
      #expect(features.shape[0] == frontEnd.frameCount(samples: count))
      #expect(features.scalars.allSatisfy { $0.isFinite })
    }
  }

  /// The constant-Q transform hears a block as a whole.
  @Test(arguments: FeatureKind.allCases, [Float.nan, .infinity])
  func aBrokenSampleShowsInTheFramesThatSeeIt(kind: FeatureKind, value: Float) throws {
    let frontEnd = try frontEnd(kind)
    let whole = goldenSignal(samples: 12_000, sampleRate: 24_000)
    var broken = whole
    broken[6000] = value
    let (features, expected) = (frontEnd(broken), frontEnd(whole))
    let width = frontEnd.width
    let isConstantQ = kind == .cqt336 || kind == .logcqt336
    for frame in 0..<features.shape[0] {
      let row = features.scalars[frame * width..<(frame + 1) * width]
      // No window is longer than 2048 samples, and slopes look four frames away.
      let distance = abs(frame * frontEnd.hopLength - 6000)
      if isConstantQ || distance < 100 {
        #expect(row.contains { $0.isNaN }, "frame \(frame)")
      } else if distance > 2048 {
        #expect(Array(row) == Array(expected.scalars[frame * width..<(frame + 1) * width]))
      }
    }
  }

  @Test(arguments: FeatureKind.allCases)
  func stereoIsItsMean(kind: FeatureKind) throws {
    let folder = try TestFolder()
    let path = folder.path("stereo.wav")
    let (left, right) = (
      goldenSignal(samples: 12_347, sampleRate: 24_000),
      (0..<12_347).map { Float(sin(0.1 * Double($0))) * 0.3 }
    )
    try AudioFile.write(
      zip(left, right).flatMap { [$0, $1] }, sampleRate: 24_000, channels: 2, encoding: .float32,
      to: path)
    let frontEnd = try frontEnd(kind)
    let mean = zip(left, right).map { ($0 + $1) / 2 }
    expectClose(
      frontEnd(try AudioFile.decode(path, sampleRate: 24_000)), frontEnd(mean), relative: 1e-6)
  }

  /// Many signals at once, on all cores, give the bits of one alone.
  @Test(arguments: FeatureKind.allCases)
  func rowsOfABatchAreTheirSignals(kind: FeatureKind) throws {
    let frontEnd = try frontEnd(kind)
    let signals = (0..<3).map { row in
      goldenSignal(samples: 7001, sampleRate: 24_000).map { $0 * Float(row) }
    }
    let batch = frontEnd(Tensor(signals.flatMap { $0 }, shape: [3, 7001]))
    #expect(batch.shape == [3, frontEnd.frameCount(samples: 7001), frontEnd.width])
    #expect(batch.scalars == signals.flatMap { frontEnd($0).scalars })
  }

  @Test func shortSignalsAreReflectedAgainAndAgain() {
    let stft = STFT(fftLength: 16, hopLength: 4, padding: .reflection)
    let long = (0..<40).map { [1, 2, 3, 2][$0 % 4] as Float }
    // The reflection of 1, 2, 3 about its ends is that period for ever.
    let expected = STFT(fftLength: 16, hopLength: 4, padding: .none).power(Array(long[16 - 8..<24]))
    expectClose(stft.power([1, 2, 3]), expected, relative: 1e-6)
    #expect(stft.power([]).scalars == [Float](repeating: 0, count: 9))
  }
}
