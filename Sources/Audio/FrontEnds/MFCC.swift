import Foundation
import Settings
import Tensor

/// Mel-frequency cepstral coefficients by Kaldi's definition, HuBERT's first teacher.
///
/// From the log energies `E` of `KaldiFilterBank` with `M` bands: the orthonormal DCT-II with a
/// lifter, `c_j = (1 + 11 sin(πj / 22)) √(2 / M) Σ_m E_m cos(πj (m + ½) / M)`, `c_0` with
/// `√(1 / M)`; then the slopes of the coefficients, and the slopes of the slopes.
///
/// - Source: Kaldi `feat/feature-mfcc.cc`; fairseq `simple_kmeans/dump_mfcc_feature.py`, with
///   samples within ±1, no dither, and coefficient 0.
public struct MFCC: FrontEnd {
  /// The parameters.
  public struct Config: Configuration {
    /// The number of coefficients before the slopes, including coefficient 0.
    public var coefficients = 13
    /// The number of mel bands, at least that of the coefficients.
    public var melBands = 23
    /// Whether slopes and their slopes are appended, which makes the width three times as large.
    public var deltas = true
    /// Frames per second; the hop is rounded down to a whole number of samples.
    public var frameRate = 100.0
    /// The length of a frame, seconds.
    public var windowSeconds = 0.025
    /// The lower edge of the first band, Hz.
    public var lowestFrequency = 20.0

    /// HuBERT's: 13 coefficients with slopes, 39 numbers per frame at 100 Hz.
    public init() {}

    /// Checks that there are at least as many bands as coefficients.
    public func validate() throws(InvalidSetting) {
      try require("melBands", melBands, in: 1...65_536)
      try require("coefficients", coefficients, in: 1...melBands)
      try filterBank.validate()
    }

    fileprivate var filterBank: KaldiFilterBank.Config {
      var bank = KaldiFilterBank.Config()
      (bank.bands, bank.frameRate) = (melBands, frameRate)
      (bank.windowSeconds, bank.lowestFrequency) = (windowSeconds, lowestFrequency)
      return bank
    }
  }

  /// The parameters.
  public let config: Config
  private let filterBank: KaldiFilterBank
  private let cosines: [Float]  // [melBands, coefficients], lifter included

  /// - Traps when: a setting is invalid, or `KaldiFilterBank` traps.
  public init(_ config: Config = Config(), sampleRate: Int) {
    self.config = config.checked(for: "MFCC")
    filterBank = KaldiFilterBank(config.filterBank, sampleRate: sampleRate)
    cosines = MFCC.cosines(config)
  }

  /// The sample rate of the input, Hz.
  public var sampleRate: Int { filterBank.sampleRate }
  /// Samples from one frame to the next.
  public var hopLength: Int { filterBank.hopLength }
  /// The number of features of one frame.
  public var width: Int { config.coefficients * (config.deltas ? 3 : 1) }
  /// The window, and for the slopes of slopes also the windows of four frames on either side.
  public var reach: FrameReach {
    let (bank, slopes) = (filterBank.reach, config.deltas ? 4 : 0)
    return FrameReach(before: bank.before + slopes, after: bank.after + slopes)
  }
  /// The number of frames of a signal, 0 if it is shorter than one window.
  public func frameCount(samples: Int) -> Int { filterBank.frameCount(samples: samples) }

  /// Writes `[frames, width]`.
  public func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    let frames = frameCount(samples: samples.count)
    let energies = AlignedFloats(frames * config.melBands)
    filterBank.write(featuresOf: samples, into: energies.base)
    for frame in 0..<frames {
      transform(energies.base + frame * config.melBands, into: features + frame * width)
    }
    guard config.deltas else { return }
    let first = Deltas(width: config.coefficients, stride: width, frames: frames)
    first.write(slopesOf: features, into: features + config.coefficients)
    first.write(
      slopesOf: features + config.coefficients, into: features + 2 * config.coefficients)
  }

  private func transform(
    _ energies: UnsafePointer<Float>, into cepstra: UnsafeMutablePointer<Float>
  ) {
    cepstra.update(repeating: 0, count: config.coefficients)
    cosines.withUnsafeBufferPointer { cosines in
      for band in 0..<config.melBands {
        let row = cosines.baseAddress! + band * config.coefficients
        for j in 0..<config.coefficients { cepstra[j] += row[j] * energies[band] }
      }
    }
  }

  private static func cosines(_ config: Config) -> [Float] {
    let bands = Double(config.melBands)
    return (0..<config.melBands).flatMap { m in
      (0..<config.coefficients).map { j -> Float in
        let scale = (j == 0 ? 1 / bands : 2 / bands).squareRoot()
        let lifter = 1 + 11 * sin(.pi * Double(j) / 22)
        return Float(lifter * scale * cos(.pi * Double(j) * (Double(m) + 0.5) / bands))
      }
    }
  }
}
