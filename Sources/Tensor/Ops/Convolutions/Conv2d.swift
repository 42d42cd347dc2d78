extension Tensor {
  /// Convolution over time and frequency, channels last: `[B, T, F, I] -> [B, T', F', O]`,
  /// `T' = (T + left + right - dilation (K - 1) - 1) / stride + 1` rounded down, `F'` likewise,
  /// `y[t, f] = Σ_kl W[k, l] x[stride t + dilation k - left, ...] + b`, where elements outside `x` are
  /// 0.
  ///
  /// The windows of a block of elements are copied into a matrix and multiplied while they are in a
  /// core's second-level cache. Sums are taken in float32. The bits do not depend on the number of
  /// threads.
  /// - Parameters:
  ///   - weight: `[O, K, L, I]` with `K` taps over time and `L` over frequency; converted to the type
  ///     of the input. PyTorch keeps `[O, I, K, L]`.
  ///   - bias: `[O]`
  ///   - time: Stride, dilation and zeros over time.
  ///   - frequency: Stride, dilation and zeros over frequency.
  /// - Gradient: keeps `x` and `W`.
  /// - Traps when: channels or the bias do not fit, or the padded input is shorter than the kernel.
  public func conv2d(
    weight: Tensor, bias: Tensor? = nil, time: ConvolutionAxis = ConvolutionAxis(),
    frequency: ConvolutionAxis = ConvolutionAxis()
  ) -> Tensor {
    precondition(
      rank == 4 && weight.rank == 4 && shape[3] == weight.shape[3]
        && weight.shape[1] >= 1 && weight.shape[2] >= 1,
      "conv2d: input \(shape) does not fit weight \(weight.shape)")
    let windows = (
      time: time.windows(kernel: weight.shape[1]),
      frequency: frequency.windows(kernel: weight.shape[2])
    )
    precondition(
      shape[1] + time.padding.total >= windows.time.reach
        && shape[2] + frequency.padding.total >= windows.frequency.reach,
      "conv2d: input \(shape), over time\(windows.time.additions) and over frequency"
        + "\(windows.frequency.additions), is shorter than the kernel of weight \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "conv2d: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
    let conv = PlaneConvolution(
      shape: shape, weight: weight.operand(as: dtype), time: windows.time,
      frequency: windows.frequency)
    let input = kept()
    return conv.forward(detached(), bias: bias?.operand(as: .float32)).derived(
      from: edge(conv.inputGradient), weight.edge { conv.weightGradient($0, of: input()) },
      bias?.edge { $0.reshaped([conv.batch * conv.places, conv.outputs]).sum(axis: 0) })
  }
}

/// The forward pass of a convolution over two axes and both gradients, as products.
///
/// The size of a block depends on the shapes alone, so that the bits do not depend on the number of
/// threads.
struct PlaneConvolution {
  /// The shape of the input, `[B, T, F, I]`.
  let shape: Shape
  /// `[O, K, L, I]`
  let weight: Tensor
  let time: ConvolutionWindows
  let frequency: ConvolutionWindows

  var batch: Int { shape[0] }
  var outputs: Int { weight.shape[0] }
  /// The elements of one sample's result, `T' F'`.
  var places: Int { time.frames(of: shape[1]) * bands }
  var bands: Int { frequency.frames(of: shape[2]) }
  var inputs: Int { shape[3] }
  /// The numbers of a window that one tap over time reads.
  var slice: Int { frequency.kernel * inputs }
  var window: Int { time.kernel * slice }

  /// The windows that are copied at once: as many as fit 768 kB, but at least 128, so that reading
  /// the weight is worth its time.
  var block: Int { min(512, max(128, (3 << 16) / max(1, window))) }
  var blocks: Int { (places + block - 1) / block }

  func places(ofBlock number: Int) -> Range<Int> {
    number * block..<min(places, (number + 1) * block)
  }

  func forward(_ x: Tensor, bias: Tensor?) -> Tensor {
    let (source, w, shift) = (x.reals, weight.reals, bias?.floats)
    let result = Shape([batch, time.frames(of: shape[1]), bands, outputs])
    return .filled(result, dtype: x.dtype) { y in
      Cores.forEach(batch * blocks) { item in
        let (b, range) = (item / blocks, places(ofBlock: item % blocks))
        let copied = copiedWindows(range, of: b, from: source)
        Products.serial(
          range.count, outputs, window, MatrixView(copied.reals, stride: window),
          MatrixView(w, stride: window, transposed: true),
          into: MatrixTarget(y + (b * places + range.lowerBound) * outputs, stride: outputs),
          bias: shift)
        withExtendedLifetime(copied) {}
      }
    }
  }

  /// The windows of a range of one sample's elements, `[elements, K L I]`.
  func copiedWindows(_ range: Range<Int>, of b: Int, from x: Reals) -> Tensor {
    let copied = Tensor(uninitialized: [range.count, window], dtype: x.dtype)
    for (i, place) in range.enumerated() {
      let (row, band) = (time.start(of: place / bands), frequency.start(of: place % bands))
      let taps = time.taps(from: row, within: 0..<shape[1])
      let target = copied.mutableReals + i * window
      target.zero(taps.lowerBound * slice)
      (target + taps.upperBound * slice).zero((time.kernel - taps.upperBound) * slice)
      for k in taps {
        let line = x + (b * shape[1] + row + time.dilation * k) * shape[2] * inputs
        copySlice(from: line, at: band, to: target + k * slice)
      }
    }
    return copied
  }

  /// Copies what one tap over time reads: the taps over frequency from element `band` of a row on.
  private func copySlice(from line: Reals, at band: Int, to target: MutableReals) {
    let taps = frequency.taps(from: band, within: 0..<shape[2])
    target.zero(taps.lowerBound * inputs)
    (target + taps.upperBound * inputs).zero((frequency.kernel - taps.upperBound) * inputs)
    forEachRun(taps, at: band) { k, element, count in
      (target + k * inputs).base.copyMemory(
        from: (line + element * inputs).base, byteCount: count * inputs * target.dtype.byteCount)
    }
  }

  /// The runs of neighbouring elements that taps over frequency read: `(tap, element, count)`.
  func forEachRun(
    _ taps: Range<Int>, at band: Int, _ body: (_ tap: Int, _ element: Int, _ count: Int) -> Void
  ) {
    if frequency.dilation == 1 {
      if !taps.isEmpty { body(taps.lowerBound, band + taps.lowerBound, taps.count) }
    } else {
      for k in taps { body(k, band + frequency.dilation * k, 1) }
    }
  }
}
