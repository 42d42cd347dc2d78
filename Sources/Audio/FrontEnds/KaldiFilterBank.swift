import Foundation
import Kernels
import Settings
import Tensor

/// Logarithmic mel energies by Kaldi's definition, `fbank`.
///
/// For each frame: subtract the mean, `y[n] = x[n] - 0.97 x[n - 1]`, a (symmetric Hann)^0.85
/// window, `|FFT|²` of the next power of two, mel triangles, `ln max(e, 1.19e-7)`. Frame `t` starts
/// at `t · hop`; every frame ends inside the signal.
///
/// - Source: Kaldi `feat/feature-fbank.cc` through torchaudio `compliance.kaldi.fbank`. Samples are
///   within ±1 and without dither; Kaldi has 16-bit integers and dither.
public struct KaldiFilterBank: FrontEnd {
  /// The parameters.
  public struct Config: Configuration {
    /// Mel bands.
    public var bands = 23
    /// Frames per second; the hop is rounded down to a whole number of samples.
    public var frameRate = 100.0
    /// The length of a frame, seconds; rounded down to a whole number of samples.
    public var windowSeconds = 0.025
    /// The lower edge of the first band, Hz.
    public var lowestFrequency = 20.0

    /// Kaldi's defaults.
    public init() {}

    /// Checks the ranges of bands and frames.
    public func validate() throws(InvalidSetting) {
      try require("bands", bands, in: 1...65_536)
      try require(positive: "frameRate", frameRate)
      try require("windowSeconds", windowSeconds, in: 0.0001...60)
      try require(notNegative: "lowestFrequency", lowestFrequency)
    }
  }

  /// The parameters.
  public let config: Config
  /// The sample rate of the input, Hz.
  public let sampleRate: Int
  /// Samples from one frame to the next.
  public let hopLength: Int
  private let window: [Double]
  private let bank: MelBank
  private let transform: RealTransform

  /// - Traps when: the hop is less than one sample, the window less than two, or the first band
  ///   begins above half the sample rate.
  public init(_ config: Config = Config(), sampleRate: Int) {
    let config = config.checked(for: "KaldiFilterBank")
    let windowLength = Int(Double(sampleRate) * config.windowSeconds)
    hopLength = Int((Double(sampleRate) / config.frameRate).wholeIfNear)
    precondition(
      hopLength > 0 && windowLength > 1,
      "KaldiFilterBank: \(sampleRate) Hz give a hop of \(hopLength), a window of \(windowLength)")
    precondition(
      config.lowestFrequency >= 0 && config.lowestFrequency < Double(sampleRate) / 2,
      "KaldiFilterBank: bands from \(config.lowestFrequency) Hz do not fit \(sampleRate) Hz")
    let fftLength = powerOfTwo(atLeast: windowLength)
    (self.config, self.sampleRate) = (config, sampleRate)
    window = KaldiFilterBank.window(windowLength)
    bank = MelBank(
      count: config.bands, fftLength: fftLength, sampleRate: sampleRate,
      range: config.lowestFrequency...Double(sampleRate) / 2, scale: .kaldi, areaNormalized: false)
    transform = RealTransform(length: fftLength)
  }

  /// The number of features of one frame.
  public var width: Int { config.bands }
  /// The window, which begins with the frame.
  public var reach: FrameReach {
    FrameReach(before: 0, after: (window.count + hopLength - 1) / hopLength)
  }

  /// The number of frames of a signal, 0 if it is shorter than one window.
  public func frameCount(samples: Int) -> Int {
    samples < window.count ? 0 : 1 + (samples - window.count) / hopLength
  }

  /// Writes `[frames, bands]`.
  public func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    // The input of the transform after the window stays zero.
    let (input, power) = (AlignedDoubles(transform.length), AlignedFloats(transform.bins))
    let spectrum = AlignedDoubles(2 * transform.bins)
    for frame in 0..<frameCount(samples: samples.count) {
      let (start, row) = (samples.baseAddress! + frame * hopLength, features + frame * width)
      let mean = etude_sum(start, window.count) / Double(window.count)
      etude_emphasize(input.base, start, window, 0.97, mean, window.count)
      transform(input.base, into: spectrum.base)
      etude_power(power.base, spectrum.base, transform.bins)
      bank(power.base, into: row)
      etude_log_floored(row, row, 1, 0, .ulpOfOne, width)
    }
  }

  private static func window(_ length: Int) -> [Double] {
    (0..<length).map { n in
      pow(0.5 - 0.5 * cos(2 * .pi * Double(n) / Double(length - 1)), 0.85)
    }
  }
}

func powerOfTwo(atLeast count: Int) -> Int {
  1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
}
