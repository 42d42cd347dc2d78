extension Tensor {
  /// Convolution over time, channels last: `[B, T, I] -> [B, T', O]`,
  /// `T' = (T + left + right - dilation (K - 1) - 1) / stride + 1` rounded down,
  /// `y[t] = Σ_k W[k] x[stride t + dilation k - left] + b`, where frames outside `x` are 0.
  ///
  /// With channels last, the window of frame `t` is contiguous in memory, so the convolution is a
  /// product whose left operand has overlapping rows. Dilated windows, and those of strided groups,
  /// are copied block by block. A depthwise convolution of stride 1 has its own kernel. Sums are
  /// taken in float32.
  /// - Parameters:
  ///   - weight: `[O, K, I / groups]`; converted to the type of the input.
  ///   - bias: `[O]`
  ///   - stride: Frames from one window to the next.
  ///   - padding: Zeros around the input; see `padded(_:mode:)` for other kinds of padding.
  ///   - dilation: Frames from one tap to the next.
  ///   - groups: Group `g` maps part `g` of the input channels to part `g` of the output channels.
  ///   - dtype: The type of the result; nil means the type of the input. The first convolution over
  ///     a waveform maps a `float32` input to a `bfloat16` result without rounding the waveform.
  ///   - activating: Whether GELU follows. If all operands are untracked and windows are not
  ///     copied, GELU is part of the convolution, and the storage of the weight caches a packed
  ///     copy.
  /// - Gradient: keeps `x` and `W`; a grouped convolution without stride and dilation keeps the
  ///   padded input, regrouped, instead of `x`.
  /// - Traps when: channels, groups or the bias do not fit, or the padded input is shorter than the
  ///   kernel.
  public func conv1d(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Padding = .none,
    dilation: Int = 1, groups: Int = 1, into dtype: DType? = nil, activating: Bool = false
  ) -> Tensor {
    let windows = ConvolutionWindows(
      kernel: weight.rank == 3 ? weight.shape[1] : 0, stride: stride, dilation: dilation,
      padding: padding)
    checkConv1d(weight: weight, bias: bias, windows: windows, groups: groups)
    if groups == 1, dilation == 1 {
      return padded(padding).denseConv1d(
        weight: weight, bias: bias, stride: stride, into: dtype ?? self.dtype,
        activating: activating)
    }
    let x = cast(to: dtype ?? self.dtype)
    if DepthwiseConvolution.takes(weight, stride: stride, groups: groups) {
      let y = x.depthwiseConv1d(weight: weight, bias: bias, windows: windows)
      return activating ? y.gelu() : y
    }
    if GroupedConvolution.takes(windows) {
      return x.groupedConv1d(
        weight: weight, bias: bias, groups: groups, padding: padding, activating: activating)
    }
    let y = x.windowedConv1d(weight: weight, bias: bias, windows: windows, groups: groups)
    return activating ? y.gelu() : y
  }

  private func checkConv1d(
    weight: Tensor, bias: Tensor?, windows: ConvolutionWindows, groups: Int
  ) {
    precondition(
      windows.stride >= 1 && windows.dilation >= 1 && groups >= 1,
      "conv1d: stride \(windows.stride), dilation \(windows.dilation) and groups \(groups) are not "
        + "all at least 1")
    precondition(
      rank == 3 && weight.rank == 3 && shape[2] == weight.shape[2] * groups
        && weight.shape[0] % groups == 0 && windows.kernel >= 1,
      "conv1d: input \(shape)\(groups > 1 ? " in \(groups) groups" : "") does not fit weight "
        + "\(weight.shape)")
    precondition(
      shape[1] + windows.padding.total >= windows.reach,
      "conv1d: input \(shape)\(windows.additions) is shorter than the kernel of weight "
        + "\(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "conv1d: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
  }

  /// A convolution whose windows are contiguous in memory.
  private func denseConv1d(
    weight: Tensor, bias: Tensor?, stride: Int, into result: DType, activating: Bool
  ) -> Tensor {
    let isFixed = !isTracked && !weight.isTracked && bias?.isTracked != true
    if self.dtype == .float32, ShortConvolution.takes(weight) {
      let conv = ShortConvolution(
        x: detached(), weight: weight.operand(as: .float32), stride: stride)
      if isFixed { return conv.forward(bias: bias, dtype: result, activating: activating) }
      let y = conv.result(of: self, weight: weight, bias: bias, dtype: result)
      return activating ? y.gelu() : y
    }
    let x = cast(to: result)
    if isFixed {
      let conv = Convolution(of: x.shape, weight: weight, stride: stride)
      return conv.fixed(x, bias: bias?.operand(as: .float32), activating: activating)
    }
    let conv = Convolution(of: x.shape, weight: weight.operand(as: result), stride: stride)
    let input = x.kept()
    let y = conv.forward(x.detached(), bias: bias?.operand(as: .float32)).derived(
      from: x.edge(conv.inputGradient), weight.edge { conv.weightGradient($0, of: input()) },
      bias?.edge { $0.summedOverFrames() })
    return activating ? y.gelu() : y
  }

  /// The gradient of a bias: `[B, T, O] -> [O]`.
  func summedOverFrames() -> Tensor {
    reshaped([shape[0] * shape[1], shape[2]]).sum(axis: 0)
  }
}

/// The forward pass of a strided convolution and both gradients, each a product.
struct Convolution {
  /// The shape of the input, `[B, T, I]`.
  let shape: Shape
  let weight: Tensor
  let stride: Int

  init(of shape: Shape, weight: Tensor, stride: Int) {
    (self.shape, self.weight, self.stride) = (shape, weight, stride)
  }

  var batch: Int { shape[0] }
  var time: Int { shape[1] }
  var inputs: Int { shape[2] }
  var outputs: Int { weight.shape[0] }
  var kernel: Int { weight.shape[1] }
  var outputTime: Int { (time - kernel) / stride + 1 }

  /// The windows of one sample as overlapping rows, `[T', K I]`.
  private func windows(_ b: Int, of x: Tensor) -> MatrixView {
    MatrixView(x.reals + b * time * inputs, stride: stride * inputs)
  }

  func forward(_ x: Tensor, bias: Tensor?) -> Tensor {
    let w = MatrixView(weight.reals, stride: kernel * inputs, transposed: true)
    let bias = bias?.floats
    return .filled([batch, outputTime, outputs], dtype: x.dtype) { y in
      Products.parallel(batch, outputTime, outputs, kernel * inputs) { b in
        ProductOperands(
          a: windows(b, of: x), b: w,
          c: MatrixTarget(y + b * outputTime * outputs, stride: outputs), bias: bias)
      }
    }
  }

  /// The forward pass without a gradient, followed by GELU if `activating`. The weight may have
  /// another type than `x`.
  func fixed(_ x: Tensor, bias: Tensor?, activating: Bool) -> Tensor {
    guard
      let packed = weight.packed(
        inner: kernel * inputs, rows: batch * outputTime, as: x.dtype)
    else {
      let y = Convolution(of: shape, weight: weight.operand(as: x.dtype), stride: stride)
        .forward(x, bias: bias)
      return activating ? y.activated() : y
    }
    let bias = bias?.floats
    return .filled([batch, outputTime, outputs], dtype: x.dtype) { y in
      let cut = ProductCut(
        outputTime, outputs, kernel * inputs, times: batch, along: .rows)
      Cores.forEach(batch * cut.count) { item in
        let (b, frames) = (item / cut.count, cut[item % cut.count].rows)
        let row = b * outputTime + frames.lowerBound
        packed.product(
          frames.count, windows(b, of: x).advanced(rows: frames.lowerBound),
          into: MatrixTarget(y + row * outputs, stride: outputs), bias: bias,
          activating: activating)
      }
    }
  }

  /// A stride's worth of taps covers disjoint input rows in different frames, so the gradient is
  /// `⌈K / stride⌉` products, each added in place. The first product writes every row, except the
  /// rows between the frames if `K < stride` and the rows after the last frame, which are set to 0.
  func inputGradient(_ dy: Tensor) -> Tensor {
    var dx =
      kernel < stride
      ? Tensor.zeros(shape, dtype: dy.dtype) : Tensor(uninitialized: shape, dtype: dy.dtype)
    dx.updateReals { dx in
      let covered = outputTime * stride
      for b in 0..<batch where covered < time {
        (dx + (b * time + covered) * inputs).zero((time - covered) * inputs)
      }
      let strides = outputTime + (kernel - 1) / stride
      let cut = ProductCut(strides, stride * inputs, outputs, times: batch)
      Cores.forEach(batch * cut.count) { item in
        let (b, piece) = (item / cut.count, cut[item % cut.count])
        addInputGradient(
          of: piece.rows, piece.columns, from: dy.reals + b * outputTime * outputs,
          to: dx + b * time * inputs)
      }
    }
    return dx
  }

  /// One piece of the gradient of a sample: a range of strides of the input, and of the numbers in a
  /// stride. A stride is read by the first taps of its own frame, and by later taps of earlier ones.
  private func addInputGradient(
    of strides: Range<Int>, _ columns: Range<Int>, from dy: Reals, to dx: MutableReals
  ) {
    let step = stride * inputs
    for tap in Swift.stride(from: 0, to: kernel, by: stride) {
      let (first, earlier) = (tap * inputs + columns.lowerBound, tap / stride)
      let frames = (strides.lowerBound - earlier..<strides.upperBound - earlier)
        .clamped(to: 0..<outputTime)
      Products.serial(
        frames.count, max(0, min(columns.count, kernel * inputs - first)), outputs,
        MatrixView(dy + frames.lowerBound * outputs, stride: outputs),
        MatrixView(weight.reals + first, stride: kernel * inputs),
        into: MatrixTarget(dx + (frames.lowerBound * step + first), stride: step),
        keep: tap == 0 ? 0 : 1)
    }
  }

  /// The sums that are added at the end.
  private static let parts = 8
  /// The fewest multiplications for which more than one sum is worth its memory.
  private static let worthParts = 1 << 28

  /// A piece is a range of output channels, and of numbers in the window, summed over a part of all
  /// frames in float32; the parts are then added in order.
  ///
  /// So there are pieces for many cores, each of which is as wide and high as products need to be
  /// fast: of 128 x 96 numbers they would take 1.5 times as long as of 256 x 384.
  func weightGradient(_ dy: Tensor, of x: Tensor) -> Tensor {
    guard batch > 0 else { return .zeros(weight.shape) }
    let window = kernel * inputs
    let isWorthIt = outputs * window * batch * outputTime >= Self.worthParts
    let runs = FrameRuns(batch, outputTime, parts: isWorthIt ? Self.parts : 1)
    let cut = ProductCut(outputs, window, batch * outputTime / runs.parts, times: runs.parts)
    let sums = Tensor.filled([runs.parts, outputs, window]) { sums in
      Cores.forEach(runs.parts * cut.count) { item in
        let (part, piece) = (item / cut.count, cut[item % cut.count])
        addWeightGradient(
          of: piece.rows, piece.columns, over: runs[part], from: dy, x,
          to: sums + part * outputs * window)
      }
    }
    return (runs.parts == 1 ? sums : sums.sum(axis: 0)).reshaped(weight.shape)
  }

  /// Writes one piece of the gradient, summed over some runs of frames.
  private func addWeightGradient(
    of channels: Range<Int>, _ columns: Range<Int>, over runs: [FrameRuns.Run],
    from dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>
  ) {
    let window = kernel * inputs
    for (number, run) in runs.enumerated() {
      let frame = run.sample * outputTime + run.frames.lowerBound
      Products.serial(
        channels.count, columns.count, run.frames.count,
        MatrixView(
          dy.reals + (frame * outputs + channels.lowerBound), stride: outputs, transposed: true),
        windows(run.sample, of: x).advanced(rows: run.frames.lowerBound)
          .advanced(columns: columns.lowerBound),
        into: dw + (channels.lowerBound * window + columns.lowerBound), stride: window,
        keep: number == 0 ? 0 : 1)
    }
  }
}

/// The frames of all samples of a batch, cut into runs, and these into parts of about equal length. A
/// run lies within a sample.
private struct FrameRuns {
  typealias Run = (sample: Int, frames: Range<Int>)

  /// At most so many as asked for.
  let parts: Int
  private let (samples, frames, runs): (Int, Int, Int)

  init(_ samples: Int, _ frames: Int, parts: Int) {
    (self.samples, self.frames) = (samples, frames)
    // With more samples than parts, a run is a sample.
    runs = max(1, min(frames, (parts + samples - 1) / samples))
    self.parts = min(parts, samples * runs)
  }

  subscript(part: Int) -> [Run] {
    let count = samples * runs
    return (count * part / parts..<count * (part + 1) / parts).map { number in
      let run = number % runs
      return (number / runs, frames * run / runs..<frames * (run + 1) / runs)
    }
  }
}
