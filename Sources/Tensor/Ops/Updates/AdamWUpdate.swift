import Kernels

/// The hyperparameters of one AdamW update, the same for all parameters.
public struct AdamWUpdate: Sendable {
  /// The factor of the gradient, for clipping or averaging.
  public var gradientScale: Float
  /// The learning rate of this step.
  public var rate: Float
  /// `√(1 - β₂ᵗ) / (1 - β₁ᵗ)`
  public var correction: Float
  /// β₁, the decay of the first moment.
  public var beta1: Float
  /// β₂, the decay of the second moment.
  public var beta2: Float
  /// Added to the root of the uncorrected second moment.
  public var epsilon: Float
  /// Decoupled weight decay.
  public var weightDecay: Float

  /// An update with these hyperparameters.
  public init(
    gradientScale: Float, rate: Float, correction: Float, beta1: Float, beta2: Float,
    epsilon: Float, weightDecay: Float
  ) {
    (self.gradientScale, self.rate, self.correction) = (gradientScale, rate, correction)
    (self.beta1, self.beta2) = (beta1, beta2)
    (self.epsilon, self.weightDecay) = (epsilon, weightDecay)
  }
}

extension Tensor {
  /// One AdamW step in place, in a single pass over memory:
  /// `m = β₁ m + (1 - β₁) g`, `v = β₂ v + (1 - β₂) g²`,
  /// `p = (1 - rate weightDecay) p - rate correction m / (√v + ε)`.
  ///
  /// A cached `bfloat16` copy of the parameter is renewed in the same pass.
  /// - Traps when: the shapes differ.
  /// - Source: Loshchilov and Hutter 2019; ε is added where fairseq's `adam.py` adds it.
  public mutating func adamW(
    gradient: Tensor, firstMoment: inout Tensor, secondMoment: inout Tensor, _ numbers: AdamWUpdate
  ) {
    precondition(
      gradient.shape == shape && firstMoment.shape == shape && secondMoment.shape == shape,
      "adamW: gradient \(gradient.shape) does not fit parameter \(shape)")
    let g = gradient.floats
    // A new tensor: another tensor may still use the old copy.
    let renewed = storage.twin.map { Tensor(uninitialized: shape, dtype: $0.dtype) }
    let copy = renewed?.mutableReals
    update { p in
      firstMoment.update { m in
        secondMoment.update { v in
          guard let p = p.baseAddress, let m = m.baseAddress, let v = v.baseAddress else { return }
          forEachChunk(gradient.elementCount, buffers: 0) { start, count, _ in
            etude_adamw(
              p + start, m + start, v + start, g + start, numbers.gradientScale, numbers.rate,
              numbers.correction, numbers.beta1, numbers.beta2, numbers.epsilon,
              numbers.weightDecay, count)
            copy?.store(start, count, buffer: p + start)
          }
        }
      }
    }
    storage.twin = renewed
  }

  /// `Σ x²` in double; untracked.
  public func sumOfSquares() -> Double {
    let x = floats
    let pieces = Cores.pieces(of: elementCount, grain: elementGrain)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: pieces) { sums in
      sums.initialize(repeating: 0)
      Cores.parallelPieces(elementCount, grain: elementGrain) { piece, range in
        sums[piece] = etude_sum_squares(x + range.lowerBound, range.count)
      }
      return sums.reduce(0, +)
    }
  }
}
