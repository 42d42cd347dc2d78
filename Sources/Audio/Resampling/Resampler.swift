import Tensor

/// The filter that converts audio from one sample rate to another.
///
/// Both filters are linear in phase and agree with their reference within 1e-5. They differ near
/// the lower Nyquist frequency.
public enum Resampler: String, Codable, Sendable, CaseIterable {
  /// libsoxr with its HQ setting, also librosa's default: passes frequencies up to 0.91 of the
  /// lower Nyquist frequency, aliases below −130 dB.
  case soxr
  /// torchaudio's default, a short windowed sinc: −2.4 dB at 0.9 of the lower Nyquist frequency,
  /// aliases at −7 to −28 dB above it. MERT's scripts resample with it before EnCodec.
  case sinc

  /// A whole signal at another rate.
  ///
  /// - Parameters:
  ///   - samples: Mono samples.
  ///   - old: The rate of `samples`, Hz.
  ///   - new: The rate of the result, Hz.
  /// - Returns: `count(of:from:to:)` samples.
  /// - Traps when: a rate is not positive.
  public func resample(_ samples: [Float], from old: Int, to new: Int) -> [Float] {
    guard old != new, !samples.isEmpty else { return samples }
    var stream = stream(from: old, to: new)
    var result = stream.push(samples)
    result += stream.finish()
    return result
  }

  /// The number of samples that result from `count` samples.
  public func count(of count: Int, from old: Int, to new: Int) -> Int {
    precondition(old > 0 && new > 0, "resample: rates must be positive, got \(old) and \(new) Hz")
    let (whole, rest) = (count / old, count % old)
    switch self {
    case .soxr: return whole * new + (rest * new + old / 2) / old
    case .sinc: return whole * new + (rest * new + old - 1) / old
    }
  }

  /// A resampler that takes a signal in pieces; the result does not depend on how the signal is
  /// cut.
  func stream(from old: Int, to new: Int) -> any ResamplingStream {
    precondition(old > 0 && new > 0, "resample: rates must be positive, got \(old) and \(new) Hz")
    if old == new { return Unchanged() }
    switch self {
    case .soxr: return SoxrStream(from: old, to: new)
    case .sinc: return SincStream(SincKernels.shared(from: old, to: new))
    }
  }
}

/// The resampling of one signal in pieces.
protocol ResamplingStream {
  /// Takes the next samples and returns the output that depends on no later ones.
  mutating func push(_ samples: [Float]) -> [Float]
  /// Ends the signal and returns the rest of the output.
  mutating func finish() -> [Float]
}

/// The stream for equal rates.
private struct Unchanged: ResamplingStream {
  func push(_ samples: [Float]) -> [Float] { samples }
  func finish() -> [Float] { [] }
}

extension Int {
  /// The greatest common divisor of two positive numbers.
  func commonDivisor(with other: Int) -> Int {
    var (a, b) = (self, other)
    while b > 0 { (a, b) = (b, a % b) }
    return a
  }
}
