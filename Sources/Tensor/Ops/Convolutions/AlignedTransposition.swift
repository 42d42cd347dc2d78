/// A transposed convolution whose kernel is a multiple of its stride, and both gradients, as products
/// without copies.
///
/// `stride` frames of the result are a row of `stride O` numbers. Tap block `j` holds the taps
/// `j stride ..< (j + 1) stride`, `W_j` `[I, stride O]`. It maps frame `t` to row `t + j`:
/// `Y[t + j] += x[t] W_j`. The size of a block of rows depends on the shapes alone, so that the bits do
/// not depend on the number of threads.
struct AlignedTransposition {
  /// The shape of the input, `[B, T, I]`.
  let shape: Shape
  /// `[I, K, O]`
  let weight: Tensor
  let stride: Int
  /// The rows that trimming removes at the start, and those that it leaves.
  let skipped: Int
  let rows: Int

  /// Nil if taps and trimming are not multiples of the stride.
  init?(of shape: Shape, weight: Tensor, windows: ConvolutionWindows, groups: Int, time: Int) {
    let (stride, left) = (windows.stride, windows.padding.left)
    guard
      groups == 1, windows.dilation == 1, windows.kernel % stride == 0, left % stride == 0,
      time % stride == 0
    else { return nil }
    (self.shape, self.weight, self.stride) = (shape, weight, stride)
    (skipped, rows) = (left / stride, time / stride)
  }

  private var batch: Int { shape[0] }
  private var time: Int { shape[1] }
  private var inputs: Int { shape[2] }
  private var outputs: Int { weight.shape[2] }
  /// The numbers of a row of the result.
  private var width: Int { stride * outputs }
  private var tapBlocks: Int { weight.shape[1] / stride }

  /// `W_j`, `[I, stride O]`.
  private func taps(_ j: Int, transposed: Bool) -> MatrixView {
    MatrixView(
      weight.reals + j * width, stride: weight.shape[1] * outputs, transposed: transposed)
  }

  /// The frames of the input that tap block `j` maps to some of the rows.
  private func frames(_ j: Int, of rows: Range<Int>) -> Range<Int> {
    rows.lowerBound + skipped - j..<rows.upperBound + skipped - j
  }

  /// Cuts rows of all samples into blocks of about half a megabyte.
  private func forEachBlock(
    of count: Int, width: Int, _ body: (_ sample: Int, _ rows: Range<Int>) -> Void
  ) {
    let size = max(64, (1 << 17) / max(1, width))
    let blocks = (count + size - 1) / size
    Cores.forEach(batch * blocks) { item in
      let first = item % blocks * size
      body(item / blocks, first..<min(count, first + size))
    }
  }

  func forward(_ x: Tensor, bias: Tensor?) -> Tensor {
    let row = bias.map { bias in
      Tensor.concatenated(Array(repeating: bias.reshaped([outputs]), count: stride), axis: 0)
    }
    let source = x.reals
    let y = Tensor.filled([batch, rows * stride, outputs]) { y in
      forEachBlock(of: rows, width: width) { b, range in
        let place = y + (b * rows + range.lowerBound) * width
        // The first tap block writes all rows, if it has a frame for each.
        let isWhole = frames(0, of: range).clamped(to: 0..<time).count == range.count
        if !isWhole { place.fill(range.count, rowsOf: width, with: row) }
        for j in 0..<tapBlocks {
          let (frames, isFirst) = (frames(j, of: range), isWhole && j == 0)
          let read = frames.clamped(to: 0..<time)
          Products.serial(
            read.count, width, inputs,
            MatrixView(source + (b * time + read.lowerBound) * inputs, stride: inputs),
            taps(j, transposed: false),
            into: MatrixTarget(
              MutableReals(base: place, dtype: .float32)
                + (read.lowerBound - frames.lowerBound) * width, stride: width),
            bias: isFirst ? row?.floats : nil, keep: isFirst ? 0 : 1)
        }
      }
    }
    withExtendedLifetime(row) {}
    return y.converted(to: x.dtype)
  }

  func inputGradient(_ dy: Tensor) -> Tensor {
    let source = dy.reals
    let dx = Tensor.filled(shape) { dx in
      forEachBlock(of: time, width: inputs) { b, range in
        let place = dx + (b * time + range.lowerBound) * inputs
        place.update(repeating: 0, count: range.count * inputs)
        for j in 0..<tapBlocks {
          let all = range.lowerBound + j - skipped..<range.upperBound + j - skipped
          let read = all.clamped(to: 0..<rows)
          Products.serial(
            read.count, inputs, width,
            MatrixView(source + (b * rows + read.lowerBound) * width, stride: width),
            taps(j, transposed: true),
            into: place + (read.lowerBound - all.lowerBound) * inputs, stride: inputs, keep: 1)
        }
      }
    }
    return dx.converted(to: dy.dtype)
  }

  /// The input channels whose gradients are one product.
  private static let blockInputs = 64

  /// Samples are added in order, in float32.
  func weightGradient(_ dy: Tensor, of x: Tensor) -> Tensor {
    let (from, source) = (dy.reals, x.reals)
    let pieces = (inputs + Self.blockInputs - 1) / Self.blockInputs
    var dw = Tensor.zeros(weight.shape)
    dw.update { dw in
      guard let dw = dw.baseAddress else { return }
      Cores.forEach(tapBlocks * pieces) { item in
        let (j, first) = (item / pieces, item % pieces * Self.blockInputs)
        let frames = frames(j, of: 0..<rows)
        let read = frames.clamped(to: 0..<time)
        for b in 0..<batch {
          let row = b * rows + read.lowerBound - frames.lowerBound
          Products.serial(
            min(Self.blockInputs, inputs - first), width, read.count,
            MatrixView(
              source + ((b * time + read.lowerBound) * inputs + first), stride: inputs,
              transposed: true),
            MatrixView(from + row * width, stride: width),
            into: dw + first * weight.shape[1] * outputs + j * width,
            stride: weight.shape[1] * outputs, keep: 1)
        }
      }
    }
    return dw
  }
}

extension UnsafeMutablePointer<Float> {
  /// Writes `count` rows that all are copies of `row`, or zeros if it is nil.
  fileprivate func fill(_ count: Int, rowsOf width: Int, with row: Tensor?) {
    guard let row else { return update(repeating: 0, count: count * width) }
    for r in 0..<count { (self + r * width).update(from: row.floats, count: width) }
  }
}
