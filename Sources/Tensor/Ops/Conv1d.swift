extension Tensor {
  /// Convolution over time without padding, channels last: `[B, T, I] -> [B, T', O]`,
  /// `T' = (T - K) / stride + 1` rounded down, `y[t] = Σ_k W[k] x[stride t + k] + b`.
  ///
  /// With channels last, the window of frame `t` lies together in memory: the convolution is a
  /// product whose left rows overlap, without any copy.
  /// - Parameters:
  ///   - weight: `[O, K, I]`
  ///   - bias: `[O]`
  /// - Gradient: keeps `x` and `W`.
  /// - Traps when: the channels or the bias do not fit, or `T < K`.
  public func conv1d(weight: Tensor, bias: Tensor? = nil, stride: Int = 1) -> Tensor {
    precondition(
      rank == 3 && weight.rank == 3 && shape[2] == weight.shape[2],
      "conv1d: input \(shape) does not fit weight \(weight.shape)")
    precondition(
      shape[1] >= weight.shape[1] && stride >= 1,
      "conv1d: input \(shape) is shorter than the kernel of weight \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "conv1d: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
    let conv = Convolution(x: detached(), weight: weight.detached(), stride: stride)
    var y = conv.forward()
    if let bias { y.addRow(bias) }
    return y.derived(
      from: edge(conv.inputGradient), weight.edge(conv.weightGradient),
      bias?.edge { $0.reshaped([conv.batch * conv.outputTime, conv.outputs]).sum(axis: 0) })
  }
}

/// The three products of a strided convolution.
private struct Convolution {
  let x: Tensor
  let weight: Tensor
  let stride: Int

  var batch: Int { x.shape[0] }
  var time: Int { x.shape[1] }
  var inputs: Int { x.shape[2] }
  var outputs: Int { weight.shape[0] }
  var kernel: Int { weight.shape[1] }
  var outputTime: Int { (time - kernel) / stride + 1 }

  /// The windows of one sample as overlapping rows, `[T', K I]`.
  private func windows(_ b: Int) -> MatrixView {
    MatrixView(base: x.floats + b * time * inputs, stride: stride * inputs)
  }

  func forward() -> Tensor {
    let w = MatrixView(base: weight.floats, stride: kernel * inputs, transposed: true)
    return .filled([batch, outputTime, outputs]) { y in
      forEachSample(batch) { b, product in
        product(
          outputTime, outputs, kernel * inputs, windows(b), w,
          MatrixTarget(
            MutableReals(base: y + b * outputTime * outputs, dtype: .float32), stride: outputs), nil
        )
      }
    }
  }

  /// Input rows that one stride covers are disjoint between frames: `⌈K / stride⌉` products, each
  /// added in place.
  func inputGradient(_ dy: Tensor) -> Tensor {
    var dx = Tensor.zeros(x.shape)
    let (from, w) = (dy.floats, weight.floats)
    dx.update { dx in
      let dx = dx.baseAddress!
      Cores.forEach(batch) { b in
        let rows = MatrixView(base: from + b * outputTime * outputs, stride: outputs)
        for tap in Swift.stride(from: 0, to: kernel, by: stride) {
          Products.serial(
            outputTime, min(stride, kernel - tap) * inputs, outputs, rows,
            MatrixView(base: w + tap * inputs, stride: kernel * inputs),
            into: dx + (b * time + tap) * inputs, stride: stride * inputs, keep: 1)
        }
      }
    }
    return dx
  }

  /// Each thread sums its own output channels over all samples.
  func weightGradient(_ dy: Tensor) -> Tensor {
    guard batch > 0 else { return .zeros(weight.shape) }
    let from = dy.floats
    return .filled(weight.shape) { dw in
      Cores.parallel(outputs, grain: 8) { range in
        for b in 0..<batch {
          let columns = MatrixView(
            base: from + b * outputTime * outputs + range.lowerBound, stride: outputs,
            transposed: true)
          Products.serial(
            range.count, kernel * inputs, outputTime, columns, windows(b),
            into: dw + range.lowerBound * kernel * inputs, stride: kernel * inputs,
            keep: b == 0 ? 0 : 1)
        }
      }
    }
  }
}
