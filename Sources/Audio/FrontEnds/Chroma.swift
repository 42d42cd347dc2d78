import Foundation
import Kernels
import Settings
import Tensor

/// Energy by pitch class. The bins of a power spectrum are folded over octaves into pitch classes,
/// starting at C, and each frame is divided by its largest value.
///
/// The tuning is fixed. librosa would estimate it for each clip, so that the features of a frame
/// would depend on the crop.
///
/// - Source: librosa `chroma_stft` with a given `tuning`, 0 by default; the weights are D. Ellis's
///   `fft2chromamx`.
public struct Chroma: FrontEnd {
  /// The parameters.
  public struct Config: Configuration {
    /// The number of pitch classes, a multiple of 12.
    public var bins = 12
    /// The samples of one transform.
    public var fftLength = 2048
    /// The samples of the Hann window, which is centred in the transform.
    public var windowLength = 2048
    /// The deviation of A4 from 440 Hz, in classes.
    public var tuning = 0.0
    /// Frames per second, which must divide the sample rate. If nil: 75, or the nearest rate whose
    /// hop is a whole number of samples, 75.12 at 16 kHz.
    public var frameRate: Double?
    /// Samples from one frame to the next, instead of a frame rate.
    public var hopLength: Int?

    /// librosa's `chroma_stft`, at 75 frames per second.
    public init() {}

    /// Checks that there are whole semitones, and that the window fits the transform.
    public func validate() throws(InvalidSetting) {
      try require("bins", bins, in: 12...12_000)
      try require(bins % 12 == 0, "bins", "\(bins) is not a multiple of 12")
      try require("fftLength", fftLength, in: 2...1 << 24)
      try require("windowLength", windowLength, in: 1...fftLength)
      try require("tuning", tuning, in: -12_000...12_000)
      if let frameRate { try require(positive: "frameRate", frameRate) }
      if let hopLength { try require("hopLength", hopLength, in: 1...1 << 24) }
    }
  }

  /// The parameters.
  public let config: Config
  /// The sample rate of the input, Hz.
  public let sampleRate: Int
  private let stft: STFT
  private let weights: [Float]  // [bins of the circle, bins of the spectrum]

  /// - Traps when: a setting is invalid, or the frame rate or the hop does not fit.
  public init(_ config: Config = Config(), sampleRate: Int) {
    (self.config, self.sampleRate) = (config.checked(for: "Chroma"), sampleRate)
    stft = STFT(
      fftLength: config.fftLength, windowLength: config.windowLength,
      hopLength: hop(
        "Chroma", sampleRate: sampleRate, frameRate: config.frameRate, length: config.hopLength))
    weights = Chroma.weights(config, sampleRate: sampleRate)
  }

  /// The number of features of one frame.
  public var width: Int { config.bins }
  /// Samples from one frame to the next.
  public var hopLength: Int { stft.hopLength }
  /// The reach of the transform.
  public var reach: FrameReach { stft.reach }

  /// The number of frames of a signal: `1 + samples / hop`, or `1 + (samples - 1) / hop` if `fftLength` is
  /// odd.
  public func frameCount(samples: Int) -> Int { stft.frames(samples) }

  /// Writes `[frames, bins]`. The maximum of each frame is 1; a silent frame is 0.
  public func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    stft.forEach(.power, of: samples) { frame, power in
      let row = UnsafeMutableBufferPointer(start: features + frame * width, count: width)
      weights.withUnsafeBufferPointer { weights in
        for c in 0..<width {
          row[c] = Float(etude_dot(weights.baseAddress! + c * stft.bins, power, stft.bins))
        }
      }
      normalize(row)
    }
  }

  private func normalize(_ row: UnsafeMutableBufferPointer<Float>) {
    let largest = row.max() ?? 0
    // Compared so that a NaN is divided, too.
    if largest < Float.leastNormalMagnitude { return }
    for c in row.indices { row[c] /= largest }
  }
}

extension Chroma {
  /// The weight of each spectral bin in each class: a Gaussian of the distance in classes, of unit
  /// energy per bin, times a Gaussian with a width of two octaves around the fifth octave.
  private static func weights(_ config: Config, sampleRate: Int) -> [Float] {
    let classes = Double(config.bins)
    let places = places(config, sampleRate: sampleRate)
    let spectrumBins = config.fftLength / 2 + 1
    var weights = [Float](repeating: 0, count: config.bins * spectrumBins)
    for bin in 0..<spectrumBins {
      let spread = max(places[bin + 1] - places[bin], 1)
      let column = (0..<config.bins).map { c -> Double in
        let distance = remainder(places[bin] - Double(c), classes)
        return exp(-2 * (distance / spread) * (distance / spread))
      }
      let energy = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let octave = (places[bin] / classes - 5) / 2
      let gain = exp(-0.5 * octave * octave) / energy
      for c in 0..<config.bins {
        // Places count from A; the first class, C, is three semitones higher.
        let fromC = (c + config.bins - config.bins / 4) % config.bins
        weights[fromC * spectrumBins + bin] = Float(column[c] * gain)
      }
    }
    return weights
  }

  /// The places of the spectral bins, in classes above the A of 27.5 Hz with the given tuning, and
  /// of one more bin. Bin 0 is placed an octave and a half below bin 1.
  private static func places(_ config: Config, sampleRate: Int) -> [Double] {
    let classes = Double(config.bins)
    let rest = (1...config.fftLength / 2 + 1).map {
      classes * log2(Double($0) * Double(sampleRate) / Double(config.fftLength) / 27.5)
        - config.tuning
    }
    return [rest[0] - 1.5 * classes] + rest
  }
}
