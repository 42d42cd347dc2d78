import Audio
import Foundation
import Models
import Tensor

/// Bands of a spectrum, standardised by statistics that belong to the model: `[B, samples] -> [B, T, bands]`.
///
/// Mel bands are powers of a periodic Hann window under triangles from 0 Hz to half the sample rate: unless a setting
/// states otherwise on HTK's scale without area norm, in decibels, `10 log10 max(e, 1e-10)`. Bands of a constant-Q
/// transform are `ln(1 + c a)` of its magnitudes; if both are given, they stand first. Then `(x - mean) / deviation`. Frames are centred on multiples of the
/// hop; the last of them, centred on the end of the signal, is left out unless it is asked for. A mel frame sees the
/// signal mirrored at its ends, one of a constant-Q transform zeros beyond them. A frame of samples is a stretch of the
/// waveform as it is.
///
/// Source: `MelSTFT` of MusicFM and MuQ, MERT-v2's front end; torchaudio's `MelSpectrogram` and `AmplitudeToDB`;
/// `MelSpectrogram` and `Waveform` of OMAR-RQ; `ConstantQ` of `Audio`.
public struct SpectrumInput: Module {
  /// What is subtracted, `[1]` or `[bands]`.
  public var mean: Tensor
  /// What the rest is divided by, `[1]` or `[bands]`.
  public var deviation: Tensor
  private let spectrum: any FrontEnd
  private let config: Config

  /// Mean 0 and deviation 1: bands as they are, until statistics are set.
  public init(_ config: Config, sampleRate: Int) {
    let count = config.statistics == .global ? 1 : config.bands
    (mean, deviation) = (.zeros([count]), .ones([count]))
    spectrum = config.spectrum(sampleRate: sampleRate)
    self.config = config
  }

  /// - Parameter waveform: `[B, samples]`, float32.
  /// - Returns: `[B, samples / hop, bands]`, float32; a frame more if the last one is kept.
  /// - Traps when: a row is shorter than a hop.
  public func callAsFunction(_ waveform: Tensor) -> Tensor {
    (bands(of: waveform) - mean) / deviation
  }

  /// The bands before they are standardised: what statistics are taken of.
  public func bands(of waveform: Tensor) -> Tensor {
    let frames = config.frameCount(samples: waveform.shape[1])
    precondition(frames >= 1, "SpectrumInput: \(waveform.shape[1]) samples are less than a frame")
    return spectrum(waveform).sliced(axis: 1, 0..<frames)
  }

  /// Takes the statistics of a collection.
  /// - Traps when: there are not as many as those that they replace.
  mutating func standardize(by statistics: InputStatistics) {
    precondition(
      statistics.mean.count == mean.elementCount,
      "SpectrumInput: \(statistics.mean.count) statistics for \(mean.elementCount)")
    (mean, deviation) = (Tensor(statistics.mean), Tensor(statistics.deviation))
  }

  /// The window of a mel input, `[fftLength]`, and the weights of its bands, `[bins, bands]`; nil for another.
  var melTransform: (window: Tensor, bank: Tensor)? {
    guard let mel = spectrum as? MelSpectrogram else { return nil }
    return (periodicHann(mel.config.fftLength), mel.bandWeights.transposed())
  }

  /// Shows the statistics.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("mean", &mean)
    visitor.buffer("deviation", &deviation)
  }
}

/// `½ - ½ cos(2π n / length)`
private func periodicHann(_ length: Int) -> Tensor {
  let step = 2 * Double.pi / Double(length)
  return Tensor((0..<length).map { n in Float(0.5 - 0.5 * cos(step * Double(n))) })
}
