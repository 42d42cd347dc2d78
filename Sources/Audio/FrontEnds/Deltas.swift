import Tensor

/// Slopes over time, as speech recognisers add them to cepstra.
enum Deltas {
  /// `d[t] = Σ_{n=1,2} n (c[t + n] - c[t - n]) / 10`, with the edge frames repeated.
  ///
  /// Source: torchaudio `compute_deltas` with its defaults; HTK book, equation 5.16.
  static func slopes(_ frames: [Float], width: Int) -> [Float] {
    let last = frames.count / width - 1
    var slopes = [Float](repeating: 0, count: frames.count)
    guard last >= 0 else { return slopes }
    for t in 0...last {
      for n in 1...2 {
        let (after, before) = (min(t + n, last) * width, max(t - n, 0) * width)
        for c in 0..<width {
          slopes[t * width + c] += Float(n) * (frames[after + c] - frames[before + c]) / 10
        }
      }
    }
    return slopes
  }

  /// Frames, their slopes, and the slopes' slopes: `[T, D]` to `[T, 3 D]`.
  static func appended(to frames: [Float], width: Int) -> Tensor {
    let first = slopes(frames, width: width)
    let parts = [frames, first, slopes(first, width: width)]
    let count = frames.count / width
    return Tensor(shape: [count, 3 * width]) { (output: UnsafeMutableBufferPointer<Float>) in
      for t in 0..<count {
        for (part, values) in parts.enumerated() {
          for c in 0..<width { output[(t * 3 + part) * width + c] = values[t * width + c] }
        }
      }
    }
  }
}
