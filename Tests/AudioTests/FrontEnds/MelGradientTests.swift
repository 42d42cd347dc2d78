import Audio
import Tensor
import TestSupport
import Testing

@Suite struct MelGradientTests {
  struct Case: Sendable {
    var scale = MelScale.slaney
    var areaNormalized = true
    var measure = STFT.Measure.power
    var padding = STFT.Padding.zeros

    func mel(_ compression: MelSpectrogram.Compression = .logarithmic) -> MelSpectrogram {
      var config = MelSpectrogram.Config()
      (config.bands, config.fftLength, config.frameRate) = (20, 128, 160)
      (config.scale, config.areaNormalized) = (scale, areaNormalized)
      (config.measure, config.padding, config.compression) = (measure, padding, compression)
      return MelSpectrogram(config, sampleRate: 8000)
    }

    static let both = [
      Case(),
      Case(scale: .htk, areaNormalized: false, measure: .magnitude, padding: .reflection),
    ]
  }

  private let waveforms = Tensor(goldenSignal(samples: 1202, sampleRate: 8000), shape: [2, 601])

  @Test(arguments: Case.both)
  func equalsTorchaudio(_ this: Case) throws {
    let x = waveforms.tracked()
    let y = this.mel()(x)
    let weights = (0..<y.elementCount).map { Float($0 % 7 - 3) }
    let gradient = (y * Tensor(weights, shape: y.shape)).sum().gradients()[x]
    let name = "gradient.\(this.scale).\(this.measure == .power ? 2 : 1).\(this.padding)"
    let expected = try #require(try golden("front_ends")[name])
    expectClose(try #require(gradient), expected, relative: 1e-4)
  }

  @Test(arguments: Case.both, MelSpectrogram.Compression.allCases)
  func trackedAndPlainWaveformsGiveTheSame(_ this: Case, _ compression: MelSpectrogram.Compression)
  {
    let mel = this.mel(compression)
    let plain = mel(waveforms)
    #expect(!plain.isTracked)
    expectClose(mel(waveforms.tracked()).detached(), plain, relative: 1e-5)
    expectClose(
      Tensor(plain.sliced(axis: 0, 1..<2).scalars, shape: [plain.shape[1], 20]),
      mel(Array(waveforms.scalars[601...])), relative: 1e-6)
  }

  @Test(arguments: Case.both)
  func rootsAreThoseOfMagnitudes(_ this: Case) {
    let energies = this.mel(.none)(waveforms)
    let roots = this.mel(.root)(waveforms)
    let expected = energies.scalars.map {
      this.measure == .power ? $0.squareRoot().squareRoot() : $0.squareRoot()
    }
    expectClose(roots, Tensor(expected, shape: roots.shape), relative: 1e-5)
    let silence = this.mel(.root)(Tensor.zeros([1, 601]).tracked())
    #expect(silence.scalars.allSatisfy { $0 <= 4e-3 })
  }

  /// Odd and even lengths of the transform, a narrow window, every padding.
  @Test(arguments: [(16, 16), (16, 11), (15, 15)], [STFT.Padding.zeros, .reflection, .none])
  func gradientMatchesFiniteDifferences(_ lengths: (Int, Int), _ padding: STFT.Padding) {
    let stft = STFT(
      fftLength: lengths.0, windowLength: lengths.1, hopLength: 5, padding: padding)
    let x = Tensor.normal([2, 29], seed: 3)
    expectGradient(of: { stft($0) }, at: x)
    expectGradient(of: { stft.power($0) }, at: x)
    expectGradient(of: { stft.magnitude($0) }, at: x)
  }

  @Test func spectraOfABatchAreThoseOfItsRows() {
    let stft = STFT(fftLength: 16, hopLength: 4, padding: .none)
    let x = Tensor.normal([3, 50], seed: 5)
    for row in 0..<3 {
      let alone = stft(x.sliced(axis: 0, row..<row + 1).scalars)
      #expect(stft(x).sliced(axis: 0, row..<row + 1).scalars == alone.scalars)
    }
    #expect(stft(x).shape == [3, 9, 9, 2])
  }

  @Test func decibelsHaveAGradientAboveTheirFloor() {
    let mel = Case().mel(.decibels)
    expectGradient(of: { mel($0) }, at: .normal([1, 301], seed: 4), step: 1e-2, tolerance: 1e-2)
  }

  @Test func silenceHasAGradientOfZero() throws {
    for this in Case.both {
      let x = Tensor.zeros([1, 400]).tracked()
      let gradient = try #require(this.mel()(x).sum().gradients()[x])
      #expect(gradient.scalars.allSatisfy { $0 == 0 })
    }
  }

  @Test func featuresWithoutAGradientTrapOnTrackedWaveforms() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = MFCC(sampleRate: 8000)(Tensor.zeros([1, 800]).tracked())
    }
    expectWords("MFCC: these features have no gradient", in: result)
  }
}
