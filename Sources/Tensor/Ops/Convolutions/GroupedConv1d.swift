import Foundation

extension Tensor {
  /// Convolution over time in groups of channels, without stride and dilation, such as the
  /// positional convolution.
  ///
  /// - Parameters: As in `conv1d`, which checks them.
  /// - Gradient: keeps the padded input, regrouped, and `W`.
  func groupedConv1d(
    weight: Tensor, bias: Tensor?, groups: Int, padding: Padding, activating: Bool
  ) -> Tensor {
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
      bias?.edge { $0.summedOverFrames() })
    return activating ? y.gelu() : y
  }
}

/// The forward pass of a grouped convolution and both gradients, each a product. Once the channels
/// of a group are contiguous, a window is a row of an overlapping matrix, as in `conv1d`.
struct GroupedConvolution {
  /// `[B, groups, left + T + right, I / groups]`
  private let grouped: Tensor
  private let weight: Tensor
  private let padding: Padding
  private let time: Int

  /// Whether a convolution can be computed here: without stride and dilation, and padded by less
  /// than the kernel, since the gradient pads by `K - 1` less the padding.
  static func takes(_ windows: ConvolutionWindows) -> Bool {
    windows.stride == 1 && windows.dilation == 1
      && max(windows.padding.left, windows.padding.right) < windows.kernel
  }

  private var batch: Int { grouped.shape[0] }
  private var groups: Int { grouped.shape[1] }
  private var inputs: Int { grouped.shape[3] }
  private var outputs: Int { weight.shape[0] / groups }
  private var kernel: Int { weight.shape[1] }
  private var outputTime: Int { grouped.shape[2] - kernel + 1 }

  init(x: Tensor, weight: Tensor, groups: Int, padding: Padding) {
    grouped = x.groupingChannels(groups, padding: padding)
    (self.weight, self.padding, time) = (weight, padding, x.shape[1])
  }

  func forward(bias: Tensor?) -> Tensor { grouped.correlated(with: weight, bias: bias) }

  /// The correlation of `dy`, padded by `K - 1` less the padding, with the taps in reverse order
  /// and the input and output channels exchanged.
  func inputGradient(_ dy: Tensor) -> Tensor {
    let reversed = weight.reshaped([groups, outputs, kernel, inputs]).permuted([0, 3, 2, 1])
      .reversedTaps()
      .reshaped([groups * inputs, kernel, outputs])
    let rest = Padding(left: kernel - 1 - padding.left, right: kernel - 1 - padding.right)
    return dy.groupingChannels(groups, padding: rest).correlated(with: reversed)
  }

  /// Each group is summed over all samples, in order.
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
  /// `[B, T, C] -> [B, groups, left + T + right, C / groups]`, padded with zeros, untracked.
  fileprivate func groupingChannels(_ groups: Int, padding: Padding) -> Tensor {
    let (batch, time, width) = (shape[0], shape[1], shape[2] / groups)
    let padded = time + padding.total
    let (x, frameBytes) = (bytes, width * dtype.byteCount)
    var result = Tensor(uninitialized: [batch, groups, padded, width], dtype: dtype)
    result.updateBytes { y in
      Cores.forEach(batch * groups) { item in
        let (b, g) = (item / groups, item % groups)
        let block = y + item * padded * frameBytes
        memset(block, 0, padding.left * frameBytes)
        memset(block + (padding.left + time) * frameBytes, 0, padding.right * frameBytes)
        for t in 0..<time {
          (block + (padding.left + t) * frameBytes).copyMemory(
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

  /// The same with a packed weight that has a panel for each group, followed by GELU if
  /// `activating`.
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

  /// `[groups, I, K, O]` with the taps `K` in reverse order.
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
