extension Tensor {
  /// Transposed convolution over time, channels last: `[B, T, I] -> [B, T', O]`,
  /// `T' = stride (T - 1) + dilation (K - 1) + 1 - left - right`. Frame `t` adds `W[k]ᵀ x[t]` to
  /// frame `stride t + dilation k - left` of the result, for every tap `k`; then the bias is added.
  ///
  /// This is the gradient of `conv1d` with the same weight, `O` and `I` exchanged.
  /// - Parameters:
  ///   - weight: `[I, K, O / groups]`; converted to the type of the input. PyTorch's
  ///     `ConvTranspose1d` keeps `[I, O / groups, K]`.
  ///   - bias: `[O]`
  ///   - stride: Frames from one window to the next.
  ///   - trimming: The frames that are removed at both ends of the result. PyTorch's `padding` of
  ///     `p` with an `output_padding` of `q` is `Padding(left: p, right: p - q)`.
  ///   - dilation: Frames from one tap to the next.
  ///   - groups: The number of groups of channels.
  /// - Gradient: keeps `x` and `W`.
  /// - Traps when: channels, groups or the bias do not fit, or trimming leaves no frame.
  public func transposedConv1d(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, trimming: Padding = .none,
    dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    precondition(
      stride >= 1 && dilation >= 1 && groups >= 1,
      "transposedConv1d: stride \(stride), dilation \(dilation) and groups \(groups) are not all "
        + "at least 1")
    precondition(
      rank == 3 && weight.rank == 3 && shape[2] == weight.shape[0]
        && weight.shape[0] % groups == 0 && weight.shape[1] >= 1,
      "transposedConv1d: input \(shape) in \(groups) groups does not fit weight \(weight.shape)")
    let outputs = weight.shape[2] * groups
    precondition(
      bias.map { $0.shape == [outputs] } ?? true,
      "transposedConv1d: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
    let windows = ConvolutionWindows(
      kernel: weight.shape[1], stride: stride, dilation: dilation, padding: trimming)
    let time = stride * (shape[1] - 1) + windows.reach - trimming.total
    precondition(
      shape[1] >= 1 && time >= 1,
      "transposedConv1d: trimming \(trimming.left) and \(trimming.right) leaves no frame of input "
        + "\(shape) by weight \(weight.shape)")
    if let conv = AlignedTransposition(
      of: shape, weight: weight.operand(as: dtype), windows: windows, groups: groups, time: time)
    {
      let input = kept()
      return conv.forward(detached(), bias: bias?.operand(as: .float32)).derived(
        from: edge(conv.inputGradient), weight.edge { conv.weightGradient($0, of: input()) },
        bias?.edge { $0.summedOverFrames() })
    }
    let conv = WindowedConvolution(
      shape: [shape[0], time, outputs], weight: weight.operand(as: dtype), windows: windows,
      groups: groups)
    let input = kept()
    return conv.inputGradient(detached(), bias: bias?.operand(as: .float32)).derived(
      from: edge { conv.forward($0, bias: nil) },
      weight.edge { conv.weightGradient(input(), of: $0) }, bias?.edge { $0.summedOverFrames() })
  }
}
