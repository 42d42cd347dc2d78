extension Tensor {
  /// `θ ← τ·θ + (1 - τ)·target`, in float32: a moving average follows a parameter.
  ///
  /// To be done once per optimiser step, however many micro-batches it had.
  ///
  /// - Parameters:
  ///   - target: What it follows, of the same shape.
  ///   - decay: `τ`, the share of the average that is kept.
  /// - Traps when: the shapes differ.
  public mutating func follow(_ target: Tensor, decay: Double) {
    precondition(
      shape == target.shape, "follow: average \(shape) and target \(target.shape) differ")
    // Rounded once: 1 - Float(0.9999) would be off in the fourth digit.
    let pace = Float(1 - decay)
    target.read { target in
      update { average in
        Cores.parallel(average.count, grain: 1 << 13) { range in
          for i in range { average[i] += pace * (target[i] - average[i]) }
        }
      }
    }
  }
}
