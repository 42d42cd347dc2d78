import Audio
import Tensor

/// The distance of two signals' log-mel spectrograms: `mean |ln(E(x) + 1e-5) - ln(E(y) + 1e-5)|` over frames and bands,
/// in nats. A difference of 1 is a factor of e in the energy of a band, 4.3 decibels.
///
/// `E` are the energies `|S|²` in 80 HTK bands from 0 Hz to half the sample rate, whose peak is 1, under a Hann window of
/// 2048 samples with a hop of 512, as `MelSpectrogram` computes them with zeros around the signal. For signals between
/// -1 and 1, the constant 1e-5 is the energy that white noise 79 dB below full scale has in a bin, so it counts in
/// near silence only.
public struct LogMelDistance: Sendable {
  private let mel: MelSpectrogram

  /// - Parameter sampleRate: The sample rate of the signals, Hz.
  public init(sampleRate: Int) {
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength, config.hopLength) = (80, 2048, 512)
    (config.scale, config.areaNormalized, config.compression) = (.htk, false, .logarithmic)
    mel = MelSpectrogram(config, sampleRate: sampleRate)
  }

  /// The number of frames of a signal, the weight of its distance in a mean over signals.
  public func frames(_ samples: Int) -> Int { mel.frameCount(samples: samples) }

  /// The distance of waveforms `[B, L]`, in nats.
  ///
  /// - Traps when: the shapes differ or are not `[B, L]`, or there is no sample.
  public func callAsFunction(_ reconstruction: Tensor, _ original: Tensor) -> Double {
    precondition(
      original.rank == 2 && reconstruction.shape == original.shape && original.elementCount > 0,
      "LogMelDistance: needs two waveforms [B, L] of one shape, got \(reconstruction.shape) and "
        + "\(original.shape)")
    let (x, y) = (mel(reconstruction.detached()).scalars, mel(original.detached()).scalars)
    return zip(x, y).reduce(0) { $0 + Double(abs($1.0 - $1.1)) } / Double(x.count)
  }
}
