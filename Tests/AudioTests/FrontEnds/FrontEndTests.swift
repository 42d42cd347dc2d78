import Audio
import Tensor
import TestSupport
import Testing

@Suite struct MFCCTests {
  @Test(arguments: [(16_000, 13), (24_000, 13), (24_000, 20)])
  func equalsTorchaudioKaldi(sampleRate: Int, coefficients: Int) throws {
    var config = MFCC.Config()
    config.coefficients = coefficients
    let mfcc = MFCC(config, sampleRate: sampleRate)
    let features = mfcc(goldenSignal(seconds: 1.5, sampleRate: sampleRate))
    let (ours, expected) = try kept("mfcc\(3 * coefficients).\(sampleRate)", of: features)
    #expect(largestDifference(ours, expected) < 1e-3)
  }

  @Test func framesEndInsideTheSignal() {
    let mfcc = MFCC(sampleRate: 16_000)
    let counts = [0, 399, 400, 559, 560, 16_000].map {
      mfcc([Float](repeating: 0.1, count: $0)).shape[0]
    }
    #expect(counts == [0, 0, 1, 1, 2, 98])
    #expect(mfcc.frameRate == 100 && mfcc.width == 39)
  }

  @Test func slopesOfALineAreItsSlope() {
    var config = MFCC.Config()
    config.deltas = false
    #expect(MFCC(config, sampleRate: 24_000).width == 13)
    // Silence has equal frames, hence no slopes.
    let features = MFCC(sampleRate: 24_000)([Float](repeating: 0, count: 24_000))
    #expect(features.sliced(axis: 1, 13..<39).scalars.allSatisfy { $0 == 0 })
    #expect(features.scalars.allSatisfy { $0.isFinite })
  }
}

@Suite struct MelSpectrogramTests {
  @Test func equalsLibrosa() throws {
    let mel = MelSpectrogram(sampleRate: 24_000)
    let features = mel(goldenSignal(seconds: 1.5, sampleRate: 24_000))
    let (ours, expected) = try kept("mel128.24000", of: features)
    expectClose(ours, expected, relative: 1e-5)
  }

  @Test func equalsTorchaudioWithHTKBands() throws {
    var config = MelSpectrogram.Config()
    (config.bands, config.frameRate, config.lowestFrequency) = (229, 50, 30)
    (config.scale, config.areaNormalized) = (.htk, false)
    let features = MelSpectrogram(config, sampleRate: 24_000)(
      goldenSignal(seconds: 1.5, sampleRate: 24_000))
    let (ours, expected) = try kept("mel229.24000", of: features)
    expectClose(ours, expected, relative: 1e-5)
  }

  @Test(arguments: [MelScale.htk, .slaney])
  func scalesInvert(scale: MelScale) {
    for frequency in [0.0, 100, 999, 1000, 1001, 12_000] {
      #expect(abs(scale.frequency(scale.mel(frequency)) - frequency) < 1e-6)
    }
    #expect(abs(MelScale.htk.mel(1000) - 1000) < 0.02)
  }

  /// Without a frame rate, 75 frames per second or what comes nearest.
  @Test(arguments: [
    (8000, 107), (16_000, 213), (22_050, 294), (24_000, 320), (32_000, 427), (44_100, 588),
    (48_000, 640),
  ])
  func everyRateHasAHop(sampleRate: Int, hop: Int) {
    let front: [any FrontEnd] = [
      MelSpectrogram(sampleRate: sampleRate), Chroma(sampleRate: sampleRate),
    ]
    for frontEnd in front {
      #expect(frontEnd.hopLength == hop)
      #expect(frontEnd.frameRate == Double(sampleRate) / Double(hop))
    }
    #expect(MFCC(sampleRate: sampleRate).hopLength == sampleRate / 100)
  }

  /// In Double, 16000 / (16000 / 960) is 959.9999999999999.
  @Test(arguments: [
    (16_000, 240), (16_000, 440), (16_000, 480), (16_000, 960), (32_000, 880), (32_000, 1_920),
    (24_000, 320),
  ])
  func aHopIsFoundAgainFromItsFrameRate(sampleRate: Int, hop: Int) throws {
    let frameRate = Double(sampleRate) / Double(hop)
    for kind in FeatureKind.allCases {
      let frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
      #expect(frontEnd.hopLength == hop, "\(kind)")
    }
  }

  @Test func theHopMayBeGiven() {
    var config = MelSpectrogram.Config()
    config.hopLength = 160
    let mel = MelSpectrogram(config, sampleRate: 16_000)
    #expect(mel.hopLength == 160 && mel.frameRate == 100)
    #expect(mel([Float](repeating: 0, count: 1600)).shape == [11, 128])
  }

  /// The frame that is centred on the end of the signal is there for an even transform alone.
  @Test(arguments: [(256, 11), (255, 10)])
  func anOddTransformHasNoFrameAtTheEnd(fftLength: Int, frames: Int) {
    var config = MelSpectrogram.Config()
    (config.fftLength, config.hopLength) = (fftLength, 160)
    let mel = MelSpectrogram(config, sampleRate: 16_000)
    #expect(mel.frameCount(samples: 1_600) == frames && mel.frameCount(samples: 1_601) == 11)
    #expect(mel([Float](repeating: 0, count: 1_600)).shape[0] == frames)
  }

  @Test func aFrameRateThatDoesNotDivideTraps() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var config = MelSpectrogram.Config()
      config.frameRate = 75
      _ = MelSpectrogram(config, sampleRate: 16_000)
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      words.contains("75.0 frames per second do not give a whole number of samples at 16000 Hz"))
  }

  /// Numbers from a command line.
  @Test(arguments: [
    (24_000, 1e-300), (24_000, .infinity), (24_000, -1), (24_000, 7), (.max, 75), (1, 75),
    (24_000, 75.000_001), (24_000, .nan),
  ])
  func ratesThatDoNotFitAreErrors(sampleRate: Int, frameRate: Double) {
    for kind in FeatureKind.allCases where kind != .mfcc39 && kind != .mfcc60 {
      #expect(throws: FeatureError.self) {
        try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
      }
    }
  }
}

@Suite struct STFTTests {
  /// Against the definition, by direct summation in Double.
  @Test(arguments: [(16, 16), (16, 10), (24, 7)])
  func equalsItsDefinition(fftLength: Int, windowLength: Int) {
    let stft = STFT(fftLength: fftLength, windowLength: windowLength, hopLength: 5)
    let samples = goldenSignal(seconds: 0.01, sampleRate: 4000)
    let power = stft.power(samples)
    #expect(power.shape == [1 + samples.count / 5, fftLength / 2 + 1])
    let expected = directPower(samples, fftLength: fftLength, windowLength: windowLength, hop: 5)
    expectClose(power, Tensor(expected, shape: power.shape), relative: 1e-5)
  }
}
