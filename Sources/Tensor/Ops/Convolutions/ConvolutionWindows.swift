/// The input rows that a convolution reads: frame `t` of the result reads rows
/// `stride t + dilation k - left` for `k` in `0..<kernel`. Rows outside the input are 0.
struct ConvolutionWindows {
  let kernel: Int
  let stride: Int
  let dilation: Int
  let padding: Padding

  /// The number of rows from a window's first to its last.
  var reach: Int { dilation * (kernel - 1) + 1 }

  /// The number of frames of the result for an input of `time` rows.
  func frames(of time: Int) -> Int { (time + padding.total - reach) / stride + 1 }

  /// The row that the first tap of a frame reads; may lie outside the input.
  func start(of frame: Int) -> Int { stride * frame - padding.left }

  /// The taps that read a row within `rows`, for a window whose first tap reads row `start`.
  func taps(from start: Int, within rows: Range<Int>) -> Range<Int> {
    let first = min(kernel, max(0, quotient(rows.lowerBound - start, dilation)))
    return first..<max(first, min(kernel, quotient(rows.upperBound - start, dilation)))
  }

  /// The frames of an input of `time` rows whose windows overlap `rows`.
  func frames(touching rows: Range<Int>, of time: Int) -> Range<Int> {
    let first = max(0, quotient(rows.lowerBound + padding.left - reach + 1, stride))
    let end = min(frames(of: time), quotient(rows.upperBound + padding.left, stride))
    return first..<max(first, end)
  }

  /// The frames whose tap `tap` reads one of the input's `time` rows.
  func frames(reading tap: Int, of time: Int) -> Range<Int> {
    let offset = padding.left - dilation * tap
    let first = max(0, quotient(offset, stride))
    return first..<max(first, min(frames(of: time), quotient(time + offset, stride)))
  }

  /// The frame whose tap `tap` reads row `row` of an input of `time` rows; nil if there is none.
  func frame(reading row: Int, tap: Int, of time: Int) -> Int? {
    let first = row + padding.left - dilation * tap
    guard first >= 0, first % stride == 0, first / stride < frames(of: time) else { return nil }
    return first / stride
  }

  /// `a / b` rounded up.
  private func quotient(_ a: Int, _ b: Int) -> Int { a > 0 ? (a + b - 1) / b : a / b }

  /// Padding and dilation for an error message; empty if there are none.
  var additions: String {
    var words = ""
    if padding != .none { words += " with padding \(padding.left) and \(padding.right)" }
    if dilation > 1 { words += " at dilation \(dilation)" }
    return words
  }
}
