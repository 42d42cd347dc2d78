import Kernels

extension Tensor {
  /// A convolution of any stride, padding, dilation and number of groups.
  ///
  /// - Parameters: As in `conv1d`, which checks them.
  /// - Gradient: keeps `x` and `W`.
  func windowedConv1d(
    weight: Tensor, bias: Tensor?, windows: ConvolutionWindows, groups: Int
  ) -> Tensor {
    let conv = WindowedConvolution(
      shape: shape, weight: weight.operand(as: dtype), windows: windows, groups: groups)
    let input = kept()
    return conv.forward(detached(), bias: bias?.operand(as: .float32)).derived(
      from: edge { conv.inputGradient($0) }, weight.edge { conv.weightGradient($0, of: input()) },
      bias?.edge { $0.summedOverFrames() })
  }
}

/// The forward pass of a convolution of any stride, padding, dilation and number of groups, and
/// both gradients, as products.
///
/// A dilated window, or one group's part of a window, is not contiguous in memory. The windows of a
/// block of frames are copied into a matrix, with zeros for the padding, and multiplied while they
/// are in a core's second-level cache. The block size depends on the shapes alone, so that the bits
/// do not depend on the number of threads.
struct WindowedConvolution {
  /// The shape of the input, `[B, T, I]`.
  let shape: Shape
  /// `[O, K, I / groups]`
  let weight: Tensor
  let windows: ConvolutionWindows
  let groups: Int

  private var batch: Int { shape[0] }
  private var time: Int { shape[1] }
  private var frames: Int { windows.frames(of: time) }
  /// The input channels of one group.
  private var inputs: Int { weight.shape[2] }
  private var outputs: Int { weight.shape[0] / groups }
  private var kernel: Int { windows.kernel }
  /// The numbers in the window of a group.
  private var window: Int { kernel * inputs }

  /// The frames whose windows are copied at once: as many as fit 768 kB, but at least 128, so that
  /// reading the weight is worth its time.
  private var blockFrames: Int { min(512, max(128, (3 << 16) / max(1, window))) }

  /// Cuts `count` frames or rows of every sample and group into blocks over the cores.
  private func forEachBlock(
    of count: Int, rows: Int, _ body: (_ sample: Int, _ group: Int, _ rows: Range<Int>) -> Void
  ) {
    let blocks = (count + rows - 1) / rows
    Cores.forEach(batch * groups * blocks) { item in
      let (part, block) = (item / blocks, item % blocks)
      body(part / groups, part % groups, block * rows..<min(count, (block + 1) * rows))
    }
  }

  func forward(_ x: Tensor, bias: Tensor?) -> Tensor {
    let (source, w, shift) = (x.reals, weight.reals, bias?.floats)
    return .filled([batch, frames, groups * outputs], dtype: x.dtype) { y in
      forEachBlock(of: frames, rows: blockFrames) { b, g, range in
        let block = copiedWindows(range, from: source + (b * time * groups + g) * inputs)
        let first = ((b * frames + range.lowerBound) * groups + g) * outputs
        Products.serial(
          range.count, outputs, window, MatrixView(block.reals, stride: window),
          MatrixView(w + g * outputs * window, stride: window, transposed: true),
          into: MatrixTarget(y + first, stride: groups * outputs),
          bias: shift.map { $0 + g * outputs })
        withExtendedLifetime(block) {}
      }
    }
  }

  /// The windows of the frames in `range` of one sample and group, `[frames, K I / groups]`.
  private func copiedWindows(_ range: Range<Int>, from x: Reals) -> Tensor {
    let block = Tensor(uninitialized: [range.count, window], dtype: x.dtype)
    let (to, tapBytes) = (block.mutableReals, inputs * x.dtype.byteCount)
    for (i, frame) in range.enumerated() {
      let start = windows.start(of: frame)
      let taps = windows.taps(from: start, within: 0..<time)
      let row = to + i * window
      row.zero(taps.lowerBound * inputs)
      (row + taps.upperBound * inputs).zero((kernel - taps.upperBound) * inputs)
      for k in taps {
        let source = x + (start + windows.dilation * k) * groups * inputs
        (row + k * inputs).base.copyMemory(from: source.base, byteCount: tapBytes)
      }
    }
    return block
  }

  /// For each block of input rows, the sum over the frames that read one of them, in float32.
  ///
  /// - Parameter bias: Added to every row, `[I]`. The transposed convolution, which is this
  ///   gradient, has one.
  func inputGradient(_ dy: Tensor, bias: Tensor? = nil) -> Tensor {
    let (from, w, shift) = (dy.reals, weight.reals, bias?.floats)
    return .filled(shape, dtype: dy.dtype) { dx in
      forEachBlock(of: time, rows: blockFrames * windows.stride) { b, g, rows in
        let touching = windows.frames(touching: rows, of: time)
        let block = Tensor(uninitialized: [touching.count, window])
        let first = ((b * frames + touching.lowerBound) * groups + g) * outputs
        Products.serial(
          touching.count, window, outputs, MatrixView(from + first, stride: groups * outputs),
          MatrixView(w + g * outputs * window, stride: window),
          into: MatrixTarget(block.mutableReals, stride: window))
        let sums = Self.rows(rows.count, inputs, of: shift.map { $0 + g * inputs })
        for (i, frame) in touching.enumerated() {
          add(window: block.floats + i * window, of: frame, to: sums, from: rows)
        }
        let place = dx + ((b * time + rows.lowerBound) * groups + g) * inputs
        place.write(sums, rowsApart: groups * inputs)
      }
    }
  }

  /// `count` rows that all are copies of `row`, or zeros if it is nil.
  private static func rows(_ count: Int, _ width: Int, of row: UnsafePointer<Float>?) -> Tensor {
    .filled([count, width]) { sums in
      for r in 0..<count {
        if let row {
          (sums + r * width).update(from: row, count: width)
        } else {
          (sums + r * width).update(repeating: 0, count: width)
        }
      }
    }
  }

  /// Adds the window of a frame to the sums of the rows that the window reads.
  private func add(
    window: UnsafePointer<Float>, of frame: Int, to sums: Tensor, from rows: Range<Int>
  ) {
    let start = windows.start(of: frame)
    let sums = sums.mutableReals.float32
    for k in windows.taps(from: start, within: rows) {
      let row = start + windows.dilation * k - rows.lowerBound
      etude_accumulate(sums + row * inputs, window + k * inputs, 1, inputs)
    }
  }

  /// The output channels whose gradients are one product.
  private static let blockOutputs = 64

  /// For each tap, the rows that it reads in all frames form a matrix whose rows do not overlap, so
  /// nothing is copied. Samples are added in order, in float32.
  func weightGradient(_ dy: Tensor, of x: Tensor) -> Tensor {
    guard batch > 0 else { return .zeros(weight.shape) }
    let (from, source) = (dy.reals, x.reals)
    let pieces = (outputs + Self.blockOutputs - 1) / Self.blockOutputs
    return .filled(weight.shape) { dw in
      Cores.forEach(groups * pieces * kernel) { item in
        let (part, k) = (item / kernel, item % kernel)
        let (g, first) = (part / pieces, part % pieces * Self.blockOutputs)
        let reading = windows.frames(reading: k, of: time)
        let row = windows.start(of: reading.lowerBound) + windows.dilation * k
        for b in 0..<batch {
          let frame = b * frames + reading.lowerBound
          Products.serial(
            min(Self.blockOutputs, outputs - first), inputs, reading.count,
            MatrixView(
              from + ((frame * groups + g) * outputs + first), stride: groups * outputs,
              transposed: true),
            MatrixView(
              source + ((b * time + row) * groups + g) * inputs,
              stride: windows.stride * groups * inputs),
            into: dw + ((g * outputs + first) * kernel + k) * inputs, stride: window,
            keep: b == 0 ? 0 : 1)
        }
      }
    }
  }
}

extension MutableReals {
  /// Writes the rows of a float matrix into rows that are `stride` numbers apart.
  fileprivate func write(_ matrix: Tensor, rowsApart stride: Int) {
    let (source, width) = (matrix.floats, matrix.shape[1])
    for r in 0..<matrix.shape[0] {
      if dtype == .float32 {
        (float32 + r * stride).update(from: source + r * width, count: width)
      } else {
        store(r * stride, width, buffer: source + r * width)
      }
    }
    withExtendedLifetime(matrix) {}
  }
}
