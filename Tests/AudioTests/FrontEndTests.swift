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

  @Test func aFrameRateThatDoesNotDivideTraps() async {
    await #expect(processExitsWith: .failure) { _ = MelSpectrogram(sampleRate: 16_000) }
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
