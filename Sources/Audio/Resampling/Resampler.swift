import Tensor

/// How audio is brought from one sample rate to another.
///
/// Both are linear in phase and agree with their reference within 1e-5; they differ in what they let
/// through near the lower Nyquist frequency.
public enum Resampler: String, Codable, Sendable, CaseIterable {
  /// libsoxr at its HQ setting: passes frequencies up to 0.91 of the lower Nyquist frequency, aliases below
  /// −130 dB. Also the default of librosa.
  case soxr
  /// torchaudio's default, a short windowed sinc: −2.4 dB at 0.9 of the lower Nyquist frequency, aliases at −7
  /// to −28 dB above it. MERT's scripts resample so before EnCodec.
  case sinc

  /// A whole signal at another rate.
  ///
  /// - Parameters:
  ///   - samples: Mono samples.
  ///   - old: The rate of `samples`, Hz.
  ///   - new: The rate wanted, Hz.
  /// - Returns: As many samples as `count(of:from:to:)` says.
  /// - Traps when: a rate is not positive.
  public func resample(_ samples: [Float], from old: Int, to new: Int) -> [Float] {
    guard old != new, !samples.isEmpty else { return samples }
    var stream = stream(from: old, to: new)
    var result = stream.push(samples)
    result += stream.finish()
    return result
  }

  /// How many samples `count` samples become.
  public func count(of count: Int, from old: Int, to new: Int) -> Int {
    precondition(old > 0 && new > 0, "resample: rates must be positive, got \(old) and \(new) Hz")
    let (whole, rest) = (count / old, count % old)
    switch self {
    case .soxr: return whole * new + (rest * new + old / 2) / old
    case .sinc: return whole * new + (rest * new + old - 1) / old
    }
  }

  /// A resampler that takes a signal piece by piece; how it is cut makes no difference.
  func stream(from old: Int, to new: Int) -> any ResamplingStream {
    precondition(old > 0 && new > 0, "resample: rates must be positive, got \(old) and \(new) Hz")
    if old == new { return Unchanged() }
    switch self {
    case .soxr: return SoxrStream(from: old, to: new)
    case .sinc: return SincStream(SincKernels.shared(from: old, to: new))
    }
  }
}

/// A signal on its way from one rate to another.
protocol ResamplingStream {
  /// Takes the next samples; returns what can be told already.
  mutating func push(_ samples: [Float]) -> [Float]
  /// Ends the signal; returns the rest.
  mutating func finish() -> [Float]
}

/// Between equal rates.
private struct Unchanged: ResamplingStream {
  func push(_ samples: [Float]) -> [Float] { samples }
  func finish() -> [Float] { [] }
}

extension Int {
  /// The greatest common divisor with another positive number.
  func commonDivisor(with other: Int) -> Int {
    var (a, b) = (self, other)
    while b > 0 { (a, b) = (b, a % b) }
    return a
  }
}
