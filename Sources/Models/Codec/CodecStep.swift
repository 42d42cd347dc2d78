import Tensor

/// A part of a codec that computes each frame from a few frames of its input, so that a stretch of its result can be
/// computed from a stretch of its input.
protocol CodecStep: Sendable {
  /// Frames of the result of a signal of so many.
  func count(of frames: Int) -> Int
  /// The frames that a stretch of the result is computed from.
  ///
  /// - Parameters:
  ///   - stretch: Frames of the result.
  ///   - frames: Frames of the whole signal.
  func input(of stretch: Range<Int>, frames: Int) -> Range<Int>
  /// A stretch of the result.
  ///
  /// - Parameters:
  ///   - stretch: Its frames.
  ///   - x: The frames `input(of:frames:)` of the signal, `[1, n, I]`.
  ///   - frames: Frames of the whole signal.
  ///   - precision: What it computes in.
  /// - Returns: `[1, stretch.count, O]`
  func result(
    _ stretch: Range<Int>, from x: Tensor, frames: Int, precision: Precision
  ) -> Tensor
}

/// A step that ELU comes before.
struct ActivatedStep<Step: CodecStep>: CodecStep {
  let step: Step

  func count(of frames: Int) -> Int { step.count(of: frames) }

  func input(of stretch: Range<Int>, frames: Int) -> Range<Int> {
    step.input(of: stretch, frames: frames)
  }

  func result(
    _ stretch: Range<Int>, from x: Tensor, frames: Int, precision: Precision
  ) -> Tensor {
    step.result(stretch, from: x.elu(), frames: frames, precision: precision)
  }
}

extension CodecConvolution: CodecStep {
  func count(of frames: Int) -> Int { (frames + stride - 1) / stride }

  func input(of stretch: Range<Int>, frames: Int) -> Range<Int> {
    if isTooShort(frames) { return 0..<frames }
    let window = window(of: stretch, frames: frames)
    // Mirrored frames are read as well.
    let last = max(min(window.upperBound, frames), min(frames, 1 - window.lowerBound))
    let first = min(max(window.lowerBound, 0), max(0, 2 * frames - 1 - window.upperBound))
    return first..<last
  }

  func result(
    _ stretch: Range<Int>, from x: Tensor, frames: Int, precision: Precision
  ) -> Tensor {
    let window = window(of: stretch, frames: frames)
    let all = padding(frames: frames)
    let padding =
      isTooShort(frames)
      ? all : Padding(left: max(0, -window.lowerBound), right: max(0, window.upperBound - frames))
    // Where `x` with its ends begins, in frames of the signal.
    let start = input(of: stretch, frames: frames).lowerBound - padding.left
    return convolved(
      ends.padded(x, padding).frames(window, startingAt: start), precision: precision)
  }

  /// The frames that the windows of a stretch cover, some of them beyond the ends.
  private func window(of stretch: Range<Int>, frames: Int) -> Range<Int> {
    let first = stretch.lowerBound * stride - padding(frames: frames).left
    return first..<first + (stretch.count - 1) * stride + reach
  }

  /// Whether a signal of so many frames is too short to be mirrored at its ends.
  private func isTooShort(_ frames: Int) -> Bool {
    let padding = padding(frames: frames)
    return max(padding.left, padding.right) >= frames
  }
}

extension CodecTransposedConvolution: CodecStep {
  func count(of frames: Int) -> Int { frames * stride }

  /// Frame `t` of the input is in frames `t · stride ..< (t + 2) · stride` of the result before trimming.
  func input(of stretch: Range<Int>, frames: Int) -> Range<Int> {
    let first = max(0, (stretch.lowerBound + trimming.left) / self.stride - 1)
    return first..<min(frames, (stretch.upperBound - 1 + trimming.left) / self.stride + 1)
  }

  func result(
    _ stretch: Range<Int>, from x: Tensor, frames: Int, precision: Precision
  ) -> Tensor {
    let left =
      stretch.lowerBound + trimming.left
      - input(of: stretch, frames: frames).lowerBound * self.stride
    let all = (x.shape[1] + 1) * self.stride
    return x.transposedConv1d(
      weight: weight.lengthened(to: gain), bias: bias, stride: self.stride,
      trimming: Padding(left: left, right: all - left - stretch.count))
  }
}

extension CodecResidualUnit: CodecStep {
  func count(of frames: Int) -> Int { frames }

  func input(of stretch: Range<Int>, frames: Int) -> Range<Int> {
    let narrowed = narrowing.input(of: stretch, frames: frames)
    return min(
      narrowed.lowerBound, stretch.lowerBound)..<max(
        narrowed.upperBound, stretch.upperBound)
  }

  func result(
    _ stretch: Range<Int>, from x: Tensor, frames: Int, precision: Precision
  ) -> Tensor {
    let start = input(of: stretch, frames: frames).lowerBound
    let read = x.frames(narrowing.input(of: stretch, frames: frames), startingAt: start)
    let inner = narrowing.result(stretch, from: read.elu(), frames: frames, precision: precision)
    let own = x.frames(stretch, startingAt: start)
    return (shortcut?.convolved(own, precision: precision) ?? own)
      + widening.convolved(inner.elu(), precision: precision)
  }
}

extension Tensor {
  /// Some frames of a stretch `[1, n, C]` that begins at frame `start`.
  fileprivate func frames(_ range: Range<Int>, startingAt start: Int) -> Tensor {
    if range.count == shape[1] { return self }
    return sliced(axis: 1, range.lowerBound - start..<range.upperBound - start)
  }
}
