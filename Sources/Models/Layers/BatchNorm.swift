import Tensor

/// What one batch norm measured in a training pass.
public struct BatchStatistics: Sendable {
  /// Of each channel over all frames of the batch, `[C]`.
  public let mean: Tensor
  /// Likewise, divided by one less than the number of frames, `[C]`.
  public let variance: Tensor

  /// What a norm measured.
  public init(mean: Tensor, variance: Tensor) { (self.mean, self.variance) = (mean, variance) }
}

/// Normalises every channel over all frames of a batch, then scales and shifts it:
/// `y = (x - mean) / √(variance + ε) ⊙ w + b`.
///
/// A training pass uses the mean and the biased variance of its batch. An evaluating pass uses running
/// averages of past batches, which are buffers. A pass does not change them: one that keeps
/// `.batchStatistics` hands them to `updateStatistics`, once after each step.
///
/// Source: Ioffe and Szegedy 2015; PyTorch's `BatchNorm1d` and `BatchNorm2d`, which average the unbiased variance.
public struct BatchNorm: FrameNorm {
  /// `[C]`
  public var weight: Tensor
  /// `[C]`
  public var bias: Tensor
  /// The running average of the batches' means, `[C]`.
  public var mean: Tensor
  /// The running average of the batches' unbiased variances, `[C]`.
  public var variance: Tensor
  /// `ε`
  public let epsilon: Float
  /// The share of the newest batch in the running averages.
  public let momentum: Float

  /// Weight 1, bias 0, mean 0, variance 1.
  public init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    (weight, bias) = (.ones([channels]), .zeros([channels]))
    (mean, variance) = (.zeros([channels]), .ones([channels]))
    (self.epsilon, self.momentum) = (epsilon, momentum)
  }

  /// - Parameters:
  ///   - x: `[..., C]`
  ///   - pass: The pass: whether it trains, and what it keeps.
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    guard pass.isTraining else {
      let (scale, shift) = runningScale
      return x.scaledColumns(by: scale, plus: shift)
    }
    let channels = weight.elementCount
    let rows = x.reshaped([1, x.elementCount / channels, channels])
    pass.keep(batchStatistics: Self.statistics(of: rows.detached().cast(to: .float32)))
    return rows.normalizedOverTime(weight: weight, bias: bias, epsilon: epsilon).reshaped(x.shape)
  }

  /// Factor and summand of the norm by running averages.
  private var runningScale: (scale: Tensor, shift: Tensor) {
    let scale = weight / (variance + epsilon).squareRoot()
    return (scale, bias - mean * scale)
  }

  /// - Parameter rows: `[1, N, C]`
  private static func statistics(of rows: Tensor) -> BatchStatistics {
    let (count, channels) = (rows.shape[1], rows.shape[2])
    let unbiased = Float(count) / Float(max(1, count - 1))
    return BatchStatistics(
      mean: rows.mean(axis: 1).reshaped([channels]),
      variance: rows.variance(axis: 1).reshaped([channels]) * unbiased)
  }

  /// Moves the running averages towards what a training pass measured.
  /// - Traps when: there is nothing left, or it has other channels.
  public mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {
    guard let batch = rest.popFirst(), batch.mean.shape == mean.shape else {
      preconditionFailure("BatchNorm: no statistics of \(mean.shape) channels in the pass")
    }
    mean = mean * (1 - momentum) + batch.mean * momentum
    variance = variance * (1 - momentum) + batch.variance * momentum
  }

  /// What a norm costs; its running averages are not learned. What enters it is not among what it keeps.
  public static func cost(channels: Int) -> BlockCost {
    BlockCost(parameters: 2 * channels, tensors: 2)
  }

  /// Shows scale, shift and running averages.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight, as: .scale)
    visitor.parameter("bias", &bias, as: .shift)
    visitor.buffer("mean", &mean)
    visitor.buffer("variance", &variance)
  }
}
