import Kernels

extension Tensor {
  /// One convolution that replaces `conv1d` followed by `normalizedOverTime` for this waveform.
  ///
  /// The mean and variance of a channel over time follow from the mean `μ` and covariance `Σ` of
  /// the windows: they are `w · μ` and `wᵀ Σ w`. So the norm is computed before the convolution and
  /// becomes part of its weight: `w' = g w`, `b' = shift - g w · μ`, `g = scale / √(wᵀ Σ w + ε)`. A
  /// bias of the convolution would cancel. Sums are taken in Double; the result is untracked.
  /// - Parameters:
  ///   - weight: `[O, K, I]` with `K I` at most 32.
  ///   - stride: Frames from one window to the next.
  ///   - scale: The weight of the norm, `[O]`.
  ///   - shift: The bias of the norm, `[O]`.
  ///   - epsilon: Added to the variance.
  /// - Returns: The weight `[O, K, I]` and the bias `[O]` of the convolution.
  /// - Traps when: this tensor is not `[1, T, I]` with `T >= K`, or the shapes do not fit.
  public func convolutionNormalizedOverTime(
    weight: Tensor, stride: Int, scale: Tensor, shift: Tensor, epsilon: Float = 1e-5
  ) -> (weight: Tensor, bias: Tensor) {
    precondition(
      rank == 3 && shape[0] == 1 && weight.rank == 3 && shape[2] == weight.shape[2]
        && shape[1] >= weight.shape[1] && ShortConvolution.takes(weight),
      "convolutionNormalizedOverTime: input \(shape) does not fit weight \(weight.shape)")
    precondition(
      scale.shape == [weight.shape[0]] && shift.shape == scale.shape,
      "convolutionNormalizedOverTime: scale \(scale.shape) does not fit weight \(weight.shape)")
    let moments = WindowMoments(of: self, kernel: weight.shape[1], stride: stride)
    var (folded, bias) = (weight.detached(), shift.detached())
    folded.update { w in
      bias.update { bias in
        for o in bias.indices {
          let row = o * moments.window..<(o + 1) * moments.window
          let (mean, variance) = moments.ofChannel(w[row])
          let gain = Double(scale.floats[o]) / (variance + Double(epsilon)).squareRoot()
          for i in row { w[i] = Float(gain * Double(w[i])) }
          bias[o] = Float(Double(bias[o]) - gain * mean)
        }
      }
    }
    return (folded, bias)
  }
}

/// Mean and covariance over time of the numbers in the windows of a convolution.
private struct WindowMoments {
  /// The numbers in a window, `K I`.
  let window: Int
  private var means: [Double]
  /// `[window, window]`
  private var covariances: [Double]

  /// The frames whose windows are summed in one block.
  private static let block = 1024

  /// - Parameter x: `[1, T, I]`
  init(of x: Tensor, kernel: Int, stride: Int) {
    window = kernel * x.shape[2]
    let (window, step) = (window, stride * x.shape[2])
    let frames = (x.shape[1] - kernel) / stride + 1
    let blocks = (frames + Self.block - 1) / Self.block
    // For every block the sums, then the sums of products. Blocks are added in order, so that the
    // bits do not depend on the number of threads.
    let width = window * (window + 1)
    var parts = [Double](repeating: 0, count: blocks * width)
    parts.withUnsafeMutableBufferPointer { parts in
      let place = parts.baseAddress!
      Cores.forEach(blocks) { b in
        let first = b * Self.block
        Self.addSums(
          of: x.floats + first * step, frames: min(Self.block, frames - first), step: step,
          window: window, to: place + b * width)
      }
    }
    var sums = [Double](repeating: 0, count: width)
    for b in 0..<blocks { for i in 0..<width { sums[i] += parts[b * width + i] } }
    let means = sums[..<window].map { $0 / Double(frames) }
    self.means = means
    covariances = (0..<window * window).map { i in
      sums[window + i] / Double(frames) - means[i / window] * means[i % window]
    }
  }

  private static func addSums(
    of x: UnsafePointer<Float>, frames: Int, step: Int, window: Int,
    to sums: UnsafeMutablePointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: window * frames) { columns in
      let columns = columns.baseAddress!
      for i in 0..<window {
        for t in 0..<frames { columns[i * frames + t] = Double(x[t * step + i]) }
        sums[i] = (0..<frames).reduce(0) { $0 + columns[i * frames + $1] }
      }
      for i in 0..<window {
        for j in 0...i {
          let dot = etude_dot_doubles(columns + i * frames, columns + j * frames, frames)
          sums[window + i * window + j] = dot
          sums[window + j * window + i] = dot
        }
      }
    }
  }

  /// Mean and variance over time of the channel with these taps.
  func ofChannel(_ taps: Slice<UnsafeMutableBufferPointer<Float>>) -> (Double, Double) {
    let taps = taps.map(Double.init)
    var (mean, variance) = (0.0, 0.0)
    for i in 0..<window {
      mean += taps[i] * means[i]
      for j in 0..<window { variance += taps[i] * taps[j] * covariances[i * window + j] }
    }
    return (mean, max(0, variance))
  }
}
