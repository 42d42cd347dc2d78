extension Codec.Config {
  /// How many numbers the parts of a codec learn by gradients. Codebooks are learned otherwise.
  public struct ParameterCounts: Codable, Sendable {
    /// From the waveform to latents.
    public var encoder: Int
    /// From latents to the waveform.
    public var decoder: Int

    /// Both.
    public var total: Int { encoder + decoder }
  }

  /// How many numbers such a codec learns by gradients, without building it.
  public var parameterCounts: ParameterCounts {
    ParameterCounts(encoder: encoderCost.parameters, decoder: decoderCost.parameters)
  }

  /// How many numbers such a codec learns by gradients, without building it.
  public var parameterCount: Int { parameterCounts.total }

  /// All numbers of a codec and their tensors, codebooks with them.
  var weightCounts: (numbers: Int, tensors: Int) {
    let (books, codes) = (quantizer.codebooks, quantizer.codes)
    return (
      parameterCount + books * (1 + codes + 2 * codes * width),
      encoderCost.tensors + decoderCost.tensors + 4 * books
    )
  }

  /// What the encoder costs, for each frame of its latents.
  package var encoderCost: BlockCost {
    var cost = convolution(from: channels, to: filters, kernel: kernel, times: stride)
      .keeping(channels * stride)
    var (width, rest) = (filters, stride)
    for step in strides {
      cost = cost + units(width: width, times: rest)
      // What enters; its activation is computed again.
      let kept = width * rest
      rest /= step
      cost =
        cost
        + convolution(from: width, to: 2 * width, kernel: 2 * step, times: rest).keeping(kept)
      width *= 2
    }
    return cost + lstm
      + convolution(from: width, to: self.width, kernel: lastKernel, times: 1).keeping(width)
  }

  /// What the decoder costs, for each frame of its latents.
  package var decoderCost: BlockCost {
    var cost =
      convolution(from: width, to: innerWidth, kernel: kernel, times: 1).keeping(width) + lstm
    var (width, times) = (innerWidth, 1)
    for step in strides.reversed() {
      // A transposed convolution has a gain for each channel that enters, and multiplies each frame that enters.
      cost =
        cost
        + convolution(from: width, to: width / 2, kernel: 2 * step, times: times)
        .keeping(width * times)
      if norm == .weight { cost.parameters += width / 2 }
      width /= 2
      times *= step
      cost = cost + units(width: width, times: times)
    }
    return cost
      + convolution(from: width, to: channels, kernel: lastKernel, times: times)
      .keeping(width * times)
  }

  /// The residual units of a stage, `times` frames at a time.
  private func units(width: Int, times: Int) -> BlockCost {
    let inner = width / compression
    var unit =
      convolution(from: width, to: inner, kernel: residualKernel, times: times)
      + convolution(from: inner, to: width, kernel: 1, times: times)
    if hasShortcutConvolution {
      unit = unit + convolution(from: width, to: width, kernel: 1, times: times)
    }
    // What enters, that between, and what the shortcut yields; activations are computed again.
    unit.kept = ((hasShortcutConvolution ? 2 : 1) * width + inner) * times
    return (0..<residualUnits).reduce(BlockCost(parameters: 0, tensors: 0)) { sum, _ in sum + unit }
  }

  private var lstm: BlockCost {
    let weights = 8 * innerWidth * innerWidth
    return BlockCost(
      parameters: lstmLayers * (weights + 8 * innerWidth), tensors: 4 * lstmLayers,
      products: lstmLayers * weights, kept: 7 * lstmLayers * innerWidth)
  }

  private func convolution(from input: Int, to output: Int, kernel: Int, times: Int) -> BlockCost {
    let weights = input * output * kernel
    // A gain and a bias, or a bias and a norm.
    return BlockCost(
      parameters: weights + (norm == .weight ? 2 : 3) * output, tensors: norm == .weight ? 3 : 4,
      products: weights * times)
  }
}
