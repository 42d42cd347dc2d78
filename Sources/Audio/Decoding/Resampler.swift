import CSoxr

/// Band-limited resampling by libsoxr at its HQ setting: linear phase, pass band to 0.91 of the
/// lower Nyquist frequency, aliases below −130 dB.
///
/// Source: libsoxr 0.1.3; the default of librosa, too.
public enum Resampler {
  /// A whole signal at another rate, `count · new / old` samples, rounded to the nearest.
  ///
  /// - Parameters:
  ///   - old: The rate of `samples`, Hz.
  ///   - new: The rate wanted, Hz.
  /// - Traps when: a rate is not positive.
  public static func resample(_ samples: [Float], from old: Int, to new: Int) -> [Float] {
    precondition(old > 0 && new > 0, "resample: rates must be positive, got \(old) and \(new) Hz")
    guard old != new, !samples.isEmpty else { return samples }
    let count = (samples.count * new + old / 2) / old
    return [Float](unsafeUninitializedCapacity: count) { buffer, written in
      var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
      let failure = soxr_oneshot(
        Double(old), Double(new), 1, samples, samples.count, nil, buffer.baseAddress, count,
        &written, nil, &quality, nil)
      precondition(failure == nil, "soxr: \(failure.map { String(cString: $0) } ?? "")")
      // The filter's tail may leave the last sample out; it is silence then.
      while written < count {
        buffer[written] = 0
        written += 1
      }
    }
  }
}
