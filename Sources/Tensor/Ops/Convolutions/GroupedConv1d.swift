import Foundation

extension Tensor {
  /// Convolution over time in groups of channels, stride 1, zeros around: `[B, T, I] -> [B, T', O]`,
  /// `T' = T + 2 padding - K + 1`. The positional convolution.
  ///
  /// - Parameters:
  ///   - weight: `[O, K, I / groups]`, meets the input in the input's type; group `g` maps the `g`-th part of the input channels to the
  ///     `g`-th part of the output channels.
  ///   - bias: `[O]`
  ///   - activating: Whether GELU follows; without a history it is part of the convolution.
  /// - Gradient: keeps the padded input by groups and `W`.
  /// - Traps when: the channels or the bias do not fit, or `padding >= K`.
  public func groupedConv1d(
    weight: Tensor, bias: Tensor? = nil, groups: Int, padding: Int, activating: Bool = false
  ) -> Tensor {
    precondition(
      rank == 3 && weight.rank == 3 && shape[2] == weight.shape[2] * groups
        && weight.shape[0] % groups == 0,
      "groupedConv1d: input \(shape) in \(groups) groups does not fit weight \(weight.shape)")
    precondition(
      padding >= 0 && padding < weight.shape[1] && shape[1] + 2 * padding >= weight.shape[1],
      "groupedConv1d: padding \(padding) does not fit input \(shape) and weight \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "groupedConv1d: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
    if !isTracked, !weight.isTracked, bias?.isTracked != true,
      let packed = weight.packed(
        inner: weight.shape[1] * weight.shape[2], panels: groups, rows: shape[0] * shape[1],
        as: dtype)
    {
      return groupingChannels(groups, padding: padding).correlated(
        with: packed, kernel: weight.shape[1], bias: bias?.operand(as: .float32),
        activating: activating)
    }
    let conv = GroupedConvolution(
      x: detached(), weight: weight.operand(as: dtype), groups: groups, padding: padding)
    let y = conv.forward(bias: bias?.operand(as: .float32)).derived(
      from: edge(conv.inputGradient), weight.edge(conv.weightGradient),
      bias?.edge { $0.reshaped([$0.shape[0] * $0.shape[1], $0.shape[2]]).sum(axis: 0) })
    return activating ? y.gelu() : y
  }
}

/// The three products of a grouped convolution. As in `conv1d` a window is a row of overlapping
/// memory, once the channels of a group lie together.
private struct GroupedConvolution {
  /// `[B, groups, T + 2 padding, I / groups]`
  private let grouped: Tensor
  private let weight: Tensor
  private let padding: Int
  private let time: Int

  private var batch: Int { grouped.shape[0] }
  private var groups: Int { grouped.shape[1] }
  private var inputs: Int { grouped.shape[3] }
  private var outputs: Int { weight.shape[0] / groups }
  private var kernel: Int { weight.shape[1] }
  private var outputTime: Int { grouped.shape[2] - kernel + 1 }

  init(x: Tensor, weight: Tensor, groups: Int, padding: Int) {
    grouped = x.groupingChannels(groups, padding: padding)
    (self.weight, self.padding, time) = (weight, padding, x.shape[1])
  }

  func forward(bias: Tensor?) -> Tensor { grouped.correlated(with: weight, bias: bias) }

  /// The correlation of `dy`, padded by `K - 1 - padding`, with the taps reversed and the channels'
  /// roles exchanged.
  func inputGradient(_ dy: Tensor) -> Tensor {
    let reversed = weight.reshaped([groups, outputs, kernel, inputs]).permuted([0, 3, 2, 1])
      .reversedTaps()
      .reshaped([groups * inputs, kernel, outputs])
    return dy.groupingChannels(groups, padding: kernel - 1 - padding).correlated(with: reversed)
  }

  /// Each group sums over all samples.
  func weightGradient(_ dy: Tensor) -> Tensor {
    guard batch > 0 else { return .zeros(weight.shape) }
    let (x, from) = (grouped.reals, dy.reals)
    let padded = grouped.shape[2]
    return .filled(weight.shape) { dw in
      Cores.forEach(groups) { g in
        for b in 0..<batch {
          let columns = MatrixView(
            from + (b * outputTime * groups + g) * outputs, stride: groups * outputs,
            transposed: true)
          let windows = MatrixView(x + (b * groups + g) * padded * inputs, stride: inputs)
          Products.serial(
            outputs, kernel * inputs, outputTime, columns, windows,
            into: dw + g * outputs * kernel * inputs, stride: kernel * inputs,
            keep: b == 0 ? 0 : 1)
        }
      }
    }
  }
}

extension Tensor {
  /// `[B, T, C] -> [B, groups, T + 2 padding, C / groups]`, zeros around; no history.
  fileprivate func groupingChannels(_ groups: Int, padding: Int) -> Tensor {
    let (batch, time, width) = (shape[0], shape[1], shape[2] / groups)
    let padded = time + 2 * padding
    let (x, frameBytes) = (bytes, width * dtype.byteCount)
    var result = Tensor(uninitialized: [batch, groups, padded, width], dtype: dtype)
    result.updateBytes { y in
      Cores.forEach(batch * groups) { item in
        let (b, g) = (item / groups, item % groups)
        let block = y + item * padded * frameBytes
        memset(block, 0, padding * frameBytes)
        memset(block + (padding + time) * frameBytes, 0, padding * frameBytes)
        for t in 0..<time {
          (block + (padding + t) * frameBytes).copyMemory(
            from: x + ((b * time + t) * groups + g) * frameBytes, byteCount: frameBytes)
        }
      }
    }
    return result
  }

  /// Correlation of `[B, groups, P, I]` with `[groups O, K, I]`: `[B, P - K + 1, groups O]`.
  fileprivate func correlated(with weight: Tensor, bias: Tensor? = nil) -> Tensor {
    let (batch, groups, padded, inputs) = (shape[0], shape[1], shape[2], shape[3])
    let (outputs, kernel) = (weight.shape[0] / groups, weight.shape[1])
    let time = padded - kernel + 1
    let (x, w, shift) = (reals, weight.reals, bias?.floats)
    return .filled([batch, time, groups * outputs], dtype: dtype) { y in
      Cores.forEach(batch * groups) { item in
        let (b, g) = (item / groups, item % groups)
        Products.serial(
          time, outputs, kernel * inputs,
          MatrixView(x + item * padded * inputs, stride: inputs),
          MatrixView(w + g * outputs * kernel * inputs, stride: kernel * inputs, transposed: true),
          into: MatrixTarget(y + (b * time * groups + g) * outputs, stride: groups * outputs),
          bias: shift.map { $0 + g * outputs })
      }
    }
  }

  /// The same with a panel for each group, and GELU of it if `activating`.
  fileprivate func correlated(
    with weight: PackedMatrix, kernel: Int, bias: Tensor?, activating: Bool
  ) -> Tensor {
    let (batch, groups, padded, inputs) = (shape[0], shape[1], shape[2], shape[3])
    let (outputs, time) = (weight.panelColumns, padded - kernel + 1)
    let (x, shift) = (reals, bias?.floats)
    return .filled([batch, time, groups * outputs], dtype: dtype) { y in
      Cores.forEach(batch * groups) { item in
        let (b, g) = (item / groups, item % groups)
        weight.product(
          time, MatrixView(x + item * padded * inputs, stride: inputs), panel: g,
          into: MatrixTarget(y + (b * time * groups + g) * outputs, stride: groups * outputs),
          bias: shift.map { $0 + g * outputs }, activating: activating)
      }
    }
  }

  /// `[groups, I, K, O]` with the order of the taps `K` turned round.
  fileprivate func reversedTaps() -> Tensor {
    let (blocks, kernel, width) = (shape[0] * shape[1], shape[2], shape[3])
    let (x, rowBytes) = (bytes, width * dtype.byteCount)
    var result = Tensor(uninitialized: shape, dtype: dtype)
    result.updateBytes { y in
      for row in 0..<blocks * kernel {
        let mirrored = row / kernel * kernel + (kernel - 1 - row % kernel)
        (y + row * rowBytes).copyMemory(from: x + mirrored * rowBytes, byteCount: rowBytes)
      }
    }
    return result
  }
}
