import Foundation
import Tensor

/// Energies of mel bands of a centred, zero-padded STFT.
///
/// The defaults are librosa's `melspectrogram` at 75 frames per second; `.htk` without area
/// normalisation is torchaudio's.
public struct MelSpectrogram: FrontEnd {
  /// What becomes of a band's energy `e`.
  public enum Compression: String, Codable, Sendable {
    /// `e`.
    case none
    /// `ln(e + 1e-5)`, as in MERT.
    case logarithmic
  }

  /// The parameters.
  public struct Config: Configuration {
    /// Mel bands.
    public var bands = 128
    /// Samples of one transform, and of the Hann window.
    public var fftLength = 2048
    /// Frames per second; divides the sample rate.
    public var frameRate = 75.0
    /// Lower edge of the first band, Hz.
    public var lowestFrequency = 0.0
    /// How frequencies are spaced.
    public var scale = MelScale.slaney
    /// Whether a band is scaled by 2 / its width in Hz.
    public var areaNormalized = true
    /// What becomes of the energies.
    public var compression = Compression.none

    /// librosa's `melspectrogram`, at 75 frames per second.
    public init() {}
  }

  /// The parameters.
  public let config: Config
  /// The rate it expects, Hz.
  public let sampleRate: Int
  private let stft: STFT
  private let bank: MelBank

  /// - Traps when: the frame rate does not divide the sample rate.
  public init(_ config: Config = Config(), sampleRate: Int) {
    (self.config, self.sampleRate) = (config, sampleRate)
    stft = STFT(
      fftLength: config.fftLength, windowLength: config.fftLength,
      hopLength: wholeHop("MelSpectrogram", sampleRate: sampleRate, frameRate: config.frameRate))
    bank = MelBank(
      count: config.bands, fftLength: config.fftLength, sampleRate: sampleRate,
      range: config.lowestFrequency...Double(sampleRate) / 2, scale: config.scale,
      areaNormalized: config.areaNormalized)
  }

  /// Features of one frame.
  public var width: Int { config.bands }
  /// Samples from one frame to the next.
  public var hopLength: Int { stft.hopLength }

  /// - Returns: `[1 + count / hop, bands]`.
  public func callAsFunction(_ samples: [Float]) -> Tensor {
    Tensor(shape: [stft.frames(samples.count), width]) {
      (output: UnsafeMutableBufferPointer<Float>) in
      stft.forEachFrame(of: samples) { frame, power in
        let row = output.baseAddress! + frame * width
        bank(power, into: row)
        if config.compression == .logarithmic {
          for band in 0..<width { row[band] = log(row[band] + 1e-5) }
        }
      }
    }
  }
}
