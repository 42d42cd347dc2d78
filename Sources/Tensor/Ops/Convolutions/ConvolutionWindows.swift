/// Where a convolution reads: frame `t` of its result takes rows `stride t + dilation k - left` of its
/// input, `k` in `0..<kernel`; rows outside of the input are zeros.
struct ConvolutionWindows {
  let kernel: Int
  let stride: Int
  let dilation: Int
  let padding: Padding

  /// Rows from a window's first to its last.
  var reach: Int { dilation * (kernel - 1) + 1 }

  /// Frames of the result for an input of `time` rows.
  func frames(of time: Int) -> Int { (time + padding.total - reach) / stride + 1 }

  /// The row that the first tap of a frame reads.
  func start(of frame: Int) -> Int { stride * frame - padding.left }

  /// The taps of a window from row `start` on that read one of `rows`.
  func taps(from start: Int, within rows: Range<Int>) -> Range<Int> {
    let first = min(kernel, max(0, quotient(rows.lowerBound - start, dilation)))
    return first..<max(first, min(kernel, quotient(rows.upperBound - start, dilation)))
  }

  /// The frames, of an input of `time` rows, whose windows begin before the end of `rows` and end
  /// after their beginning.
  func frames(touching rows: Range<Int>, of time: Int) -> Range<Int> {
    let first = max(0, quotient(rows.lowerBound + padding.left - reach + 1, stride))
    let end = min(frames(of: time), quotient(rows.upperBound + padding.left, stride))
    return first..<max(first, end)
  }

  /// The frames whose tap `k` reads one of the input's `time` rows.
  func frames(reading tap: Int, of time: Int) -> Range<Int> {
    let offset = padding.left - dilation * tap
    let first = max(0, quotient(offset, stride))
    return first..<max(first, min(frames(of: time), quotient(time + offset, stride)))
  }

  /// `a / b` rounded up.
  private func quotient(_ a: Int, _ b: Int) -> Int { a > 0 ? (a + b - 1) / b : a / b }

  /// What a message says of padding and dilation, if there is any.
  var additions: String {
    var words = ""
    if padding != .none { words += " with padding \(padding.left) and \(padding.right)" }
    if dilation > 1 { words += " at dilation \(dilation)" }
    return words
  }
}
