import Foundation

/// A frequency scale on which equal steps are perceived as roughly equal distances.
public enum MelScale: String, Codable, Sendable, CaseIterable {
  /// `2595 log10(1 + f / 700)`; torchaudio's default.
  case htk
  /// Linear below 1 kHz, logarithmic above; Slaney's Auditory Toolbox, librosa's default.
  case slaney
  /// `1127 ln(1 + f / 700)`, with triangles that are linear in mel instead of Hz.
  case kaldi

  /// Hz to mel.
  public func mel(_ frequency: Double) -> Double {
    switch self {
    case .htk: 2595 * log10(1 + frequency / 700)
    case .slaney:
      frequency < 1000 ? frequency * 3 / 200 : 15 + 27 * log(frequency / 1000) / log(6.4)
    case .kaldi: 1127 * log(1 + frequency / 700)
    }
  }

  /// Mel to Hz.
  public func frequency(_ mel: Double) -> Double {
    switch self {
    case .htk: 700 * (pow(10, mel / 2595) - 1)
    case .slaney: mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
    case .kaldi: 700 * (exp(mel / 1127) - 1)
    }
  }
}
