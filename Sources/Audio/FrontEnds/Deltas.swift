/// Slopes over time of `width` columns in rows that are `stride` apart, as speech recognisers
/// append them to cepstra.
///
/// `d[t] = Σ_{n=1,2} n (c[t + n] - c[t - n]) / 10`, where the edge frames are repeated.
///
/// - Source: torchaudio `compute_deltas` with its defaults; HTK book, equation 5.16.
struct Deltas {
  let width: Int
  let stride: Int
  let frames: Int

  /// Writes the slopes. Both pointers are at their first column in frame 0.
  func write(slopesOf c: UnsafePointer<Float>, into slopes: UnsafeMutablePointer<Float>) {
    for t in 0..<frames {
      let (after, later) = (c + row(t + 1), c + row(t + 2))
      let (before, earlier) = (c + row(t - 1), c + row(t - 2))
      let d = slopes + t * stride
      for j in 0..<width {
        d[j] = 0.1 * (after[j] - before[j]) + 0.2 * (later[j] - earlier[j])
      }
    }
  }

  private func row(_ frame: Int) -> Int { min(max(frame, 0), frames - 1) * stride }
}
