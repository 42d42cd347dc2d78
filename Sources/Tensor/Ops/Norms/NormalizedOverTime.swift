import Kernels

extension Tensor {
  /// Normalises every channel of every sample over time, `[B, T, C] -> [B, T, C]`:
  /// `y = (x - mean_T) / √(variance_T + ε) ⊙ weight + bias`, with the biased variance.
  ///
  /// This is group norm with as many groups as channels (HuBERT's first convolution), or instance
  /// norm if weight and bias are nil (data2vec's targets). The result has the type of the input;
  /// statistics and arithmetic are float32.
  ///
  /// - Parameters:
  ///   - weight: `[C]`; nil for ones.
  ///   - bias: `[C]`; nil for zeros.
  ///   - epsilon: Added to the variance.
  ///   - activating: Whether GELU follows, in the same pass over memory.
  /// - Gradient: keeps `x` and the statistics `[B, C]`; GELU's input is computed again. A product
  ///   that follows computes the result again instead of keeping it as well.
  /// - Source: Wu and He 2018; Ulyanov et al. 2016.
  public func normalizedOverTime(
    weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float = 1e-5, activating: Bool = false
  ) -> Tensor {
    precondition(rank == 3, "normalizedOverTime: needs [B, T, C], got shape \(shape)")
    let channels: Shape = [shape[2]]
    precondition(
      (weight?.shape ?? channels) == channels && (bias?.shape ?? channels) == channels,
      "normalizedOverTime: weight \(weight?.shape ?? []) does not fit \(shape)")
    let norm = TimeNormalization(
      x: detached(), weight: weight?.detached() ?? .ones(channels),
      bias: bias?.detached() ?? .zeros(channels), epsilon: epsilon, activating: activating)
    let y = norm.forward()
    let joint = JointPullback(norm.backward)
    return y.derived(
      from: edge { joint($0).input }, weight?.edge { joint($0).weight },
      bias?.edge { joint($0).bias }
    ).recomputable { norm.forward() }
  }
}

/// The statistics over time of every sample and channel, with the forward and backward pass.
private struct TimeNormalization {
  let x: Tensor
  let weight: Tensor
  /// `[B, C]`
  private let means: Tensor
  private let reciprocals: Tensor
  /// The factor and summand of the norm, `x ⊙ scale + shift`, `[B, C]`.
  private let scales: Tensor
  private let shifts: Tensor
  private let activating: Bool

  private var batch: Int { x.shape[0] }
  private var time: Int { x.shape[1] }
  private var channels: Int { x.shape[2] }

  init(x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float, activating: Bool) {
    (self.x, self.weight) = (x, weight)
    let (batch, time, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let (source, means) = (x.reals, x.mean(axis: 1))
    let centres = means.floats
    var variances = Tensor.zeros([batch, channels])
    variances.update { squares in
      let squares = squares.baseAddress!
      Cores.forEach(batch) { b in
        (source + b * time * channels).columnSquares(
          into: squares + b * channels, centre: centres + b * channels, rows: time,
          columns: channels)
      }
    }
    self.means = means
    reciprocals = 1 / (variances / Float(time) + epsilon).squareRoot()
    scales = reciprocals * weight
    shifts = bias - means * scales
    self.activating = activating
  }

  func forward() -> Tensor {
    let (source, scale, shift) = (x.reals, scales.floats, shifts.floats)
    return .filled(x.shape, dtype: x.dtype) { y in
      forEachSlice { b, row, rows in
        (y + row * channels).scaleColumns(
          of: source + row * channels, by: scale + b * channels, plus: shift + b * channels,
          rows: rows, columns: channels, activating: activating)
      }
    }
  }

  /// The gradient of the norm's result from the gradient of GELU's result.
  private func normGradient(_ dy: Tensor) -> Tensor {
    guard activating else { return dy }
    let (source, from, scale, shift) = (x.reals, dy.reals, scales.floats, shifts.floats)
    return .filled(x.shape, dtype: x.dtype) { dx in
      forEachSlice { sample, row, rows in
        let (start, c) = (row * channels, sample * channels)
        let (place, dy, x) = (dx + start, from + start, source + start)
        if dx.dtype == .float32 {
          etude_scale_columns_gelu_gradient(
            place.float32, dy.float32, x.float32, scale + c, shift + c, rows, channels)
        } else {
          etude_scale_columns_gelu_gradient_bfloat(
            place.bfloat16, dy.bfloat16, x.bfloat16, scale + c, shift + c, rows, channels)
        }
      }
    }
  }

  func backward(_ dy: Tensor) -> (input: Tensor, weight: Tensor, bias: Tensor) {
    let dy = normGradient(dy.converted(to: x.dtype))
    let (sums, products) = moments(dy)
    let (a, b) = (sums / Float(time), products / Float(time))
    defer { withExtendedLifetime((a, b, dy)) {} }
    let (source, from) = (x.reals, dy.reals)
    let (scale, mean, reciprocal) = (scales.floats, means.floats, reciprocals.floats)
    let (aPointer, bPointer) = (a.floats, b.floats)
    let dx = Tensor.filled(x.shape, dtype: x.dtype) { dx in
      forEachSlice { sample, row, rows in
        let (start, c) = (row * channels, sample * channels)
        let (place, dy, x) = (dx + start, from + start, source + start)
        if dx.dtype == .float32 {
          etude_normalize_columns_gradient(
            place.float32, dy.float32, x.float32, scale + c, mean + c, reciprocal + c,
            aPointer + c, bPointer + c, rows, channels)
        } else {
          etude_normalize_columns_gradient_bfloat(
            place.bfloat16, dy.bfloat16, x.bfloat16, scale + c, mean + c, reciprocal + c,
            aPointer + c, bPointer + c, rows, channels)
        }
      }
    }
    return (dx, products.sum(axis: 0), sums.sum(axis: 0))
  }

  /// `Σ_T dy` and `Σ_T dy x̂`, each `[B, C]`.
  private func moments(_ dy: Tensor) -> (sums: Tensor, products: Tensor) {
    var (sums, products) = (Tensor.zeros([batch, channels]), Tensor.zeros([batch, channels]))
    let (source, from, mean, reciprocal) = (x.reals, dy.reals, means.floats, reciprocals.floats)
    sums.update { sums in
      products.update { products in
        let (sums, products) = (sums.baseAddress!, products.baseAddress!)
        Cores.forEach(batch) { b in
          let (start, c) = (b * time * channels, b * channels)
          if from.dtype == .float32 {
            etude_column_moments(
              sums + c, products + c, from.float32 + start, source.float32 + start, mean + c,
              reciprocal + c, time, channels)
          } else {
            etude_column_moments_bfloat(
              sums + c, products + c, from.bfloat16 + start, source.bfloat16 + start, mean + c,
              reciprocal + c, time, channels)
          }
        }
      }
    }
    return (sums, products)
  }

  /// Cuts all frames over the cores; `body` gets frames of one sample.
  private func forEachSlice(_ body: (_ sample: Int, _ row: Int, _ rows: Int) -> Void) {
    Cores.parallel(batch * time, grain: max(1, elementGrain / max(1, channels))) { range in
      var row = range.lowerBound
      while row < range.upperBound {
        let sample = row / time
        let end = min(range.upperBound, (sample + 1) * time)
        body(sample, row, end - row)
        row = end
      }
    }
  }
}

extension Reals {
  fileprivate func columnSquares(
    into squares: UnsafeMutablePointer<Float>, centre: UnsafePointer<Float>, rows: Int,
    columns: Int
  ) {
    if dtype == .float32 {
      etude_column_squares(squares, float32, centre, rows, columns)
    } else {
      etude_column_squares_bfloat(squares, bfloat16, centre, rows, columns)
    }
  }
}

extension MutableReals {
  /// Writes `x ⊙ scale + shift` of some rows, or GELU of it.
  func scaleColumns(
    of x: Reals, by scale: UnsafePointer<Float>, plus shift: UnsafePointer<Float>, rows: Int,
    columns: Int, activating: Bool
  ) {
    switch (dtype, activating) {
    case (.float32, false):
      etude_scale_columns(float32, x.float32, scale, shift, rows, columns)
    case (.float32, true):
      etude_scale_columns_gelu(float32, x.float32, scale, shift, rows, columns)
    case (_, false):
      etude_scale_columns_bfloat(bfloat16, x.bfloat16, scale, shift, rows, columns)
    case (_, true):
      etude_scale_columns_gelu_bfloat(bfloat16, x.bfloat16, scale, shift, rows, columns)
    }
  }
}
