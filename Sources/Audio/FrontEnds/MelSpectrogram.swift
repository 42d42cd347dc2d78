import Foundation
import Kernels
import Settings
import Tensor

/// Energies of mel bands of an STFT: `E[t, m] = Σ_ν W[m, ν] |S[t, ν]|^p`, where `p` is 1 or 2.
///
/// The defaults are librosa's `melspectrogram` at 75 frames per second. torchaudio's
/// `MelSpectrogram` is `.htk` without area normalisation and with `.reflection`.
public struct MelSpectrogram: FrontEnd {
  /// The function applied to the energy `e` of a band.
  public enum Compression: String, Codable, Sendable, CaseIterable {
    /// The energy `e` itself.
    case none
    /// `ln(e + 1e-5)`, as in MERT.
    case logarithmic
    /// `10 log10 max(e, 1e-10)` of powers, `20 log10` of magnitudes: decibels without a floor
    /// relative to the loudest value, which would depend on the crop (torchaudio `AmplitudeToDB`,
    /// librosa with `top_db=None`).
    case decibels
    /// `log10(1 + 10,000 e)`: proportional to faint energies, as in Essentia and OMAR-RQ.
    case shiftedLogarithm
    /// The square root of the magnitude: `e^(1/4)` of powers, `e^(1/2)` of magnitudes, with `e` at least `1e-10`. It
    /// leaves loud partials far above faint ones, which logarithms do not.
    case root
  }

  /// The parameters.
  public struct Config: Configuration {
    /// Mel bands.
    public var bands = 128
    /// The samples of one transform and of the Hann window.
    public var fftLength = 2048
    /// Frames per second, which must divide the sample rate. If nil: 75, or the nearest rate whose
    /// hop is a whole number of samples, 75.12 at 16 kHz.
    public var frameRate: Double?
    /// Samples from one frame to the next, instead of a frame rate.
    public var hopLength: Int?
    /// The lower edge of the first band, Hz.
    public var lowestFrequency = 0.0
    /// The spacing of the bands.
    public var scale = MelScale.slaney
    /// Whether a band is scaled by 2 / its width in Hz (Slaney's norm); if not, its peak is 1.
    public var areaNormalized = true
    /// The measure that the bands sum, `|S|²` or `|S|`.
    public var measure = STFT.Measure.power
    /// The samples before the start and after the end of the signal.
    public var padding = STFT.Padding.zeros
    /// The function applied to the energies.
    public var compression = Compression.none

    /// librosa's `melspectrogram`, at 75 frames per second.
    public init() {}

    /// Checks the ranges of bands and transform.
    public func validate() throws(InvalidSetting) {
      try require("bands", bands, in: 1...65_536)
      try require("fftLength", fftLength, in: 2...1 << 24)
      if let frameRate { try require(positive: "frameRate", frameRate) }
      if let hopLength { try require("hopLength", hopLength, in: 1...1 << 24) }
      try require(notNegative: "lowestFrequency", lowestFrequency)
    }
  }

  /// The parameters.
  public let config: Config
  /// The sample rate of the input, Hz.
  public let sampleRate: Int
  private let stft: STFT
  private let bank: MelBank

  /// - Traps when: a setting is invalid, the frame rate or the hop does not fit, or the first band
  ///   begins above half the sample rate.
  public init(_ config: Config = Config(), sampleRate: Int) {
    precondition(
      config.lowestFrequency >= 0 && config.lowestFrequency < Double(sampleRate) / 2,
      "MelSpectrogram: bands from \(config.lowestFrequency) Hz do not fit \(sampleRate) Hz")
    (self.config, self.sampleRate) = (config.checked(for: "MelSpectrogram"), sampleRate)
    stft = STFT(
      fftLength: config.fftLength,
      hopLength: hop(
        "MelSpectrogram", sampleRate: sampleRate, frameRate: config.frameRate,
        length: config.hopLength),
      padding: config.padding)
    bank = MelBank(
      count: config.bands, fftLength: config.fftLength, sampleRate: sampleRate,
      range: config.lowestFrequency...Double(sampleRate) / 2, scale: config.scale,
      areaNormalized: config.areaNormalized)
  }

  /// The weights of the bands, `[bands, bins]`.
  package var bandWeights: Tensor { bank.matrix }
  /// The number of features of one frame.
  public var width: Int { config.bands }
  /// Samples from one frame to the next.
  public var hopLength: Int { stft.hopLength }
  /// The reach of the transform.
  public var reach: FrameReach { stft.reach }
  /// The number of frames of a signal: with padding `1 + samples / hop`, or `1 + (samples - 1) / hop` if
  /// `fftLength` is odd.
  public func frameCount(samples: Int) -> Int { stft.frames(samples) }

  /// Writes `[frames, bands]`.
  public func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    stft.forEach(config.measure, of: samples) { frame, spectrum in
      let row = features + frame * width
      bank(spectrum, into: row)
      compress(row)
    }
  }

  /// The mel spectrograms of waveforms, `[B, samples] -> [B, frames, bands]`.
  ///
  /// - Gradient: through the logarithm, the product with the bands, and the STFT; keeps the
  ///   waveforms and the energies. Untracked waveforms are computed without it.
  /// - Traps when: the shape is not `[B, samples]`.
  public func callAsFunction(_ waveforms: Tensor) -> Tensor {
    guard waveforms.isTracked else { return features(ofRows: waveforms) }
    let spectra = stft.measured(config.measure, waveforms)
    let (batch, frames) = (spectra.shape[0], spectra.shape[1])
    let energies = spectra.reshaped([batch * frames, stft.bins])
      .matmul(bank.matrix, transposingRight: true)
      .reshaped([batch, frames, width])
    return compressed(energies)
  }
}

extension MelSpectrogram {
  private static let offset: Float = 1e-5
  private static let floor: Float = 1e-10
  private static let gain: Float = 10_000
  /// The decibels of a factor of e.
  private var decibels: Float { (config.measure == .power ? 10 : 20) / Float(M_LN10) }

  private func compress(_ row: UnsafeMutablePointer<Float>) {
    switch config.compression {
    case .none: break
    case .logarithmic: etude_log_floored(row, row, 1, Self.offset, 0, width)
    case .decibels:
      etude_log_floored(row, row, 1, 0, Self.floor, width)
      etude_affine(row, row, decibels, 0, width)
    case .shiftedLogarithm:
      etude_log_floored(row, row, Self.gain, 1, 0, width)
      etude_affine(row, row, 1 / Float(M_LN10), 0, width)
    case .root:
      for band in 0..<width {
        let root = max(row[band], Self.floor).squareRoot()
        row[band] = config.measure == .power ? root.squareRoot() : root
      }
    }
  }

  private func compressed(_ energies: Tensor) -> Tensor {
    switch config.compression {
    case .none: energies
    case .logarithmic: (energies + Self.offset).log()
    case .decibels: energies.raised(to: Self.floor).log() * decibels
    case .shiftedLogarithm: (energies * Self.gain + 1).log() * (1 / Float(M_LN10))
    case .root: root(energies.raised(to: Self.floor))
    }
  }
}

extension MelSpectrogram {
  /// The square root of magnitudes.
  private func root(_ energies: Tensor) -> Tensor {
    let root = energies.squareRoot()
    return config.measure == .power ? root.squareRoot() : root
  }
}

extension Tensor {
  /// `max(x, floor)`.
  ///
  /// - Gradient: `dy` where `x > floor`, else 0; keeps `x`.
  fileprivate func raised(to floor: Float) -> Tensor {
    let x = detached()
    return Tensor(x.scalars.map { max($0, floor) }, shape: shape).derived(
      from: edge { dy in
        dy * Tensor(x.scalars.map { $0 > floor ? 1 : 0 }, shape: x.shape)
      })
  }
}
