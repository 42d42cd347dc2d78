import Audio
import Models
import Settings
import Tensor

/// Decibels of mel bands, standardised by statistics that belong to the model: `[B, samples] -> [B, T, bands]`.
///
/// Power of a periodic Hann window, triangles on HTK's scale without area norm from 0 Hz to half the sample rate,
/// `10 log10 max(e, 1e-10)`, then `(x - mean) / deviation`. Frames are centred on multiples of the hop, over a
/// signal that is mirrored at its ends; the last of them, centred on the end, is left out.
///
/// Source: `MelSTFT` of MusicFM and MuQ; torchaudio's `MelSpectrogram` and `AmplitudeToDB`.
public struct MelInput: Module {
  /// The numbers of a mel input.
  public struct Config: Configuration {
    /// Number of mel bands.
    public var bands = 128
    /// Length of a transform and of its window, in samples.
    public var fftLength = 2048
    /// From one frame to the next, in samples.
    public var hopLength = 240
    /// What is standardised by one mean and one deviation.
    public var statistics = Statistics.global

    /// MusicFM and MuQ.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require("bands", bands, in: 1...1_024)
      try require("fftLength", fftLength, in: 2...65_536)
      try require("hopLength", hopLength, in: 1...65_536)
    }
  }

  /// What is standardised by one mean and one deviation.
  public enum Statistics: String, Codable, Sendable, CaseIterable {
    /// All bands together.
    case global
    /// Each band.
    case perBand
  }

  /// What is subtracted, `[1]` or `[bands]`.
  public var mean: Tensor
  /// What the rest is divided by, `[1]` or `[bands]`.
  public var deviation: Tensor
  private let spectrogram: MelSpectrogram

  /// Mean 0 and deviation 1: decibels as they are, until statistics are set.
  public init(_ config: Config, sampleRate: Int) {
    let count = config.statistics == .global ? 1 : config.bands
    (mean, deviation) = (.zeros([count]), .ones([count]))
    var mel = MelSpectrogram.Config()
    (mel.bands, mel.fftLength, mel.hopLength) = (config.bands, config.fftLength, config.hopLength)
    (mel.scale, mel.areaNormalized, mel.padding) = (.htk, false, .reflection)
    mel.compression = .decibels
    spectrogram = MelSpectrogram(mel, sampleRate: sampleRate)
  }

  /// - Parameter waveform: `[B, samples]`, float32.
  /// - Returns: `[B, samples / hop, bands]`, float32.
  /// - Traps when: a row is shorter than a hop.
  public func callAsFunction(_ waveform: Tensor) -> Tensor {
    let frames = waveform.shape[1] / spectrogram.hopLength
    precondition(frames >= 1, "MelInput: \(waveform.shape[1]) samples are less than a frame")
    return (spectrogram(waveform).sliced(axis: 1, 0..<frames) - mean) / deviation
  }

  /// Shows the statistics.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("mean", &mean)
    visitor.buffer("deviation", &deviation)
  }
}
