import Audio
import Tensor
import TestSupport
import Testing

/// Against the values of `Tests/Golden/front_ends.py`, at lengths that no hop divides and at lengths
/// shorter than a window.
@Suite struct FrontEndGoldenTests {
  private func check(
    _ features: Tensor, is name: String, relative tolerance: Float,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let rows = features.reshaped([features.shape[0], features.elementCount / features.shape[0]])
    let (ours, expected) = try kept(name, of: rows, in: "front_ends")
    expectClose(ours, expected, relative: tolerance, sourceLocation: sourceLocation)
  }

  @Test(arguments: [1000, 257])
  func spectra(samples: Int) throws {
    let signal = goldenSignal(samples: samples, sampleRate: 24_000)
    let narrow = STFT(fftLength: 256, windowLength: 200, hopLength: 77)
    try check(narrow(signal), is: "stft.zeros.\(samples)", relative: 1e-6)
    for padding in [STFT.Padding.reflection, .none] {
      let stft = STFT(fftLength: 256, hopLength: 77, padding: padding)
      try check(stft(signal), is: "stft.\(padding).\(samples)", relative: 1e-6)
    }
  }

  struct MelCase: Sendable, CustomTestStringConvertible {
    var scale = MelScale.htk
    var areaNormalized = false
    var measure = STFT.Measure.power
    var padding = STFT.Padding.zeros
    var samples = 12_347

    var testDescription: String {
      "mel.\(scale).\(areaNormalized ? "slaney" : "none").\(measure == .power ? 2 : 1)"
        + ".\(padding).\(samples)"
    }

    func features(_ compression: MelSpectrogram.Compression) -> Tensor {
      var config = MelSpectrogram.Config()
      (config.bands, config.fftLength, config.lowestFrequency) = (80, 1024, 40)
      (config.scale, config.areaNormalized) = (scale, areaNormalized)
      (config.measure, config.padding, config.compression) = (measure, padding, compression)
      return MelSpectrogram(config, sampleRate: 24_000)(
        goldenSignal(samples: samples, sampleRate: 24_000))
    }

    static let all: [MelCase] =
      [MelScale.htk, .slaney].flatMap { scale in
        [false, true].flatMap { norm in
          [STFT.Measure.magnitude, .power].map {
            MelCase(scale: scale, areaNormalized: norm, measure: $0)
          }
        }
      } + [
        MelCase(padding: .reflection), MelCase(scale: .kaldi),
        MelCase(scale: .slaney, areaNormalized: true, samples: 100),
      ]
  }

  /// torchaudio places its bands in Float, which is what differs.
  @Test(arguments: MelCase.all)
  func mel(_ this: MelCase) throws {
    try check(this.features(.none), is: this.testDescription, relative: 2e-6)
  }

  @Test(arguments: MelCase.all.filter { !$0.areaNormalized && $0.scale != .kaldi })
  func logMel(_ this: MelCase) throws {
    for compression in [MelSpectrogram.Compression.logarithmic, .decibels] {
      try check(
        this.features(compression), is: "\(this.testDescription).\(compression)", relative: 1e-5)
    }
  }

  @Test func logMel229() throws {
    let frontEnd = try FeatureKind.logmel229.frontEnd(sampleRate: 24_000)
    let features = frontEnd(goldenSignal(samples: 24_001, sampleRate: 24_000))
    try check(features, is: "logmel229", relative: 1e-5)
  }

  struct KaldiCase: Sendable {
    var sampleRate: Int
    var samples: Int
    var milliseconds = 10
    var coefficients = 13
    var name: String { "\(sampleRate).\(samples).\(milliseconds)ms.\(coefficients)" }
  }

  /// The last has exactly one window.
  static let kaldiCases = [
    KaldiCase(sampleRate: 24_000, samples: 12_347),
    KaldiCase(sampleRate: 16_000, samples: 8001, milliseconds: 20, coefficients: 20),
    KaldiCase(sampleRate: 22_050, samples: 551),
  ]

  @Test(arguments: kaldiCases)
  func kaldi(_ this: KaldiCase) throws {
    var config = KaldiFilterBank.Config()
    (config.bands, config.frameRate) = (40, 1000 / Double(this.milliseconds))
    let bank = KaldiFilterBank(config, sampleRate: this.sampleRate)
    var settings = MFCC.Config()
    (settings.coefficients, settings.frameRate) = (this.coefficients, config.frameRate)
    let mfcc = MFCC(settings, sampleRate: this.sampleRate)
    let silence = [Float](repeating: 0, count: this.samples)
    let notes = goldenSignal(samples: this.samples, sampleRate: this.sampleRate)
    for (suffix, signal) in [("", notes), (".silence", silence)] {
      try check(bank(signal), is: "fbank.\(this.name)\(suffix)", relative: 1e-5)
      let (ours, expected) = try kept(
        "mfcc.\(this.name)\(suffix)", of: mfcc(signal), in: "front_ends")
      #expect(largestDifference(ours, expected) < 1e-3)
    }
  }

  /// Where most bands lie some 70 dB below the loudest, torchaudio's float32 is off by 3e-3, because the
  /// spectrum is rounded to 7 digits of the loudest. The reference is torchaudio in double.
  @Test func quietBandsAreAsInDouble() throws {
    let features = MFCC(sampleRate: 24_000)(
      goldenSignal(samples: 12_347, sampleRate: 24_000, noise: 3e-4))
    let (ours, expected) = try kept("mfcc.quiet.24000.12347", of: features, in: "front_ends")
    #expect(largestDifference(ours, expected) < 3e-4)
    let (_, rounded) = try kept("mfcc.quiet.float32.24000.12347", of: features, in: "front_ends")
    #expect(largestDifference(rounded, expected) > 1e-3)
  }

  @Test(arguments: [
    (12, 2048, 2048, 0, 12_347), (12, 2048, 2048, 0.07, 12_347), (264, 1024, 600, 0, 12_347),
    (264, 512, 512, 0.07, 500),
  ])
  func chroma(bins: Int, fft: Int, window: Int, tuning: Double, samples: Int) throws {
    var config = Chroma.Config()
    (config.bins, config.fftLength, config.windowLength) = (bins, fft, window)
    (config.tuning, config.frameRate) = (tuning, 50)
    let features = Chroma(config, sampleRate: 24_000)(
      goldenSignal(samples: samples, sampleRate: 24_000))
    let name = "chroma.\(bins).\(fft).\(window).\(tuning == 0 ? "0" : "\(tuning)").\(samples)"
    try check(features, is: name, relative: 1e-5)
  }

  @Test(arguments: [
    (24_000, 320, 12_347, 336, 48), (24_000, 480, 700, 336, 48), (22_050, 441, 22_051, 84, 12),
    (16_000, 147, 9999, 60, 24),
  ])
  func constantQ(rate: Int, hop: Int, samples: Int, bins: Int, perOctave: Int) throws {
    var config = ConstantQ.Config()
    (config.bins, config.binsPerOctave) = (bins, perOctave)
    config.frameRate = Double(rate) / Double(hop)
    let features = ConstantQ(config, sampleRate: rate)(
      goldenSignal(samples: samples, sampleRate: rate))
    try check(features, is: "cqt.\(rate).\(hop).\(samples).\(bins)", relative: 1e-4)
  }
}
