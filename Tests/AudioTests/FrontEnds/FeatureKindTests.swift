import Audio
import Tensor
import TestSupport
import Testing

@Suite struct FeatureKindTests {
  @Test(arguments: FeatureKind.allCases)
  func everyNameGivesItsWidth(kind: FeatureKind) throws {
    let frontEnd = try FeatureKind(named: kind.rawValue).frontEnd(sampleRate: 24_000)
    let features = frontEnd(goldenSignal(seconds: 0.5, sampleRate: 24_000))
    let digits = Int(kind.rawValue.filter(\.isNumber)) ?? 128
    #expect(frontEnd.width == digits && features.shape[1] == digits)
    #expect(frontEnd.frameRate == kind.defaultFrameRate)
    #expect(features.scalars.allSatisfy { $0.isFinite })
    #expect(features.scalars.contains { $0 != features.scalars[0] })
  }

  @Test func unknownNamesAndRatesThatDoNotFitAreNamed() {
    #expect(throws: FeatureError.unknown(name: "mfcc38")) { try FeatureKind(named: "mfcc38") }
    #expect(FeatureError.unknown(name: "x").description.contains("mfcc39, mfcc60, mel"))
    #expect(throws: FeatureError.frameRate(kind: .cqt336, sampleRate: 16_000, frameRate: 75)) {
      try FeatureKind.cqt336.frontEnd(sampleRate: 16_000)
    }
    #expect(throws: FeatureError.sampleRate(kind: .cqt336, sampleRate: 7500, lowest: 8252)) {
      try FeatureKind.cqt336.frontEnd(sampleRate: 7500)
    }
    #expect(throws: FeatureError.self) {
      try FeatureKind.mel.frontEnd(sampleRate: 24_000, frameRate: 0)
    }
    #expect(throws: Never.self) { try FeatureKind.mfcc39.frontEnd(sampleRate: 22_050) }
  }
}

@Suite struct ChromaTests {
  @Test(arguments: [(12, 2048), (264, 512)])
  func equalsLibrosaAtFixedTuning(bins: Int, fftLength: Int) throws {
    var config = Chroma.Config()
    (config.bins, config.frameRate) = (bins, 50)
    (config.fftLength, config.windowLength) = (fftLength, fftLength)
    let features = Chroma(config, sampleRate: 24_000)(
      goldenSignal(seconds: 1.5, sampleRate: 24_000))
    let (ours, expected) = try kept("chroma\(bins).24000", of: features)
    expectClose(ours, expected, relative: 1e-4)
  }

  @Test func silenceHasNoPitch() {
    let features = Chroma(sampleRate: 24_000)([Float](repeating: 0, count: 1000))
    #expect(features.scalars.allSatisfy { $0 == 0 })
  }
}
