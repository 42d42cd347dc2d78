import Kernels

extension Tensor {
  /// The hyperbolic tangent, within 2 ulp. Gradient: `dx = dy ⊙ (1 - y²)`; keeps `y`.
  public func tanh() -> Tensor { function(etude_tanh, fromResult: etude_tanh_gradient) }

  /// `σ(x) = 1 / (1 + e^-x)`, within 3 ulp. Gradient: `dx = dy ⊙ y (1 - y)`; keeps `y`.
  public func sigmoid() -> Tensor { function(etude_sigmoid, fromResult: etude_sigmoid_gradient) }

  /// `ln σ(x) = -ln(1 + e^-x)`. Gradient: `dx = dy ⊙ σ(-x)`; keeps `-x`.
  public func logSigmoid() -> Tensor { -(-self).softplus() }

  /// `ln(1 + e^x)`, within 3 ulp: a smooth ReLU. Gradient: `dx = dy ⊙ σ(x)`; keeps `x`.
  public func softplus() -> Tensor { function(etude_softplus, fromInput: etude_softplus_gradient) }

  /// `max(x, 0)`. Gradient: `dx = dy` where `y > 0`, else 0; keeps `y`.
  public func relu() -> Tensor { function(etude_relu, fromResult: etude_relu_gradient) }

  /// `x` where it is above 0, else `slope x`.
  ///
  /// - Gradient: `dx = dy` where `y > 0`, else `slope dy`; keeps `y`.
  /// - Traps when: `slope` is below 0.
  /// - Source: Maas et al. 2013.
  public func leakyReLU(slope: Float) -> Tensor {
    precondition(slope >= 0, "leakyReLU: slope must not be below 0, got \(slope)")
    return function(
      { etude_leaky_relu($0, $1, slope, $2) },
      fromResult: { etude_leaky_relu_gradient($0, $1, $2, slope, $3) })
  }

  /// `x` where it is above 0, else `alpha (e^x - 1)`, within 2 ulp.
  ///
  /// - Gradient: `dx = dy` where `y > 0`, else `dy ⊙ (y + alpha)`; keeps `y`.
  /// - Traps when: `alpha` is below 0.
  /// - Source: Clevert et al. 2016.
  public func elu(alpha: Float = 1) -> Tensor {
    precondition(alpha >= 0, "elu: alpha must not be below 0, got \(alpha)")
    return function(
      { etude_elu($0, $1, alpha, $2) },
      fromResult: { etude_elu_gradient($0, $1, $2, alpha, $3) })
  }

  /// `x σ(x)`, also called swish, within 4 ulp.
  ///
  /// - Gradient: `dx = dy ⊙ σ(x) (1 + x (1 - σ(x)))`; keeps `x`. A product that follows computes
  ///   the result again instead of keeping it as well.
  /// - Source: Elfwing et al. 2018.
  public func silu() -> Tensor { function(etude_silu, fromInput: etude_silu_gradient) }

  /// `a ⊙ σ(b)` of the halves `a` and `b` of the last axis: `[..., 2 D] -> [..., D]`.
  ///
  /// - Gradient: `da = dy ⊙ σ(b)`, `db = dy ⊙ a σ(b) (1 - σ(b))`; keeps `x`. A product that follows
  ///   computes the result again instead of keeping it as well.
  /// - Traps when: the last axis is of odd length, or there is none.
  /// - Source: Dauphin et al. 2017.
  public func glu() -> Tensor {
    precondition(
      rank >= 1 && shape[rank - 1].isMultiple(of: 2),
      "glu: needs a last axis of even length, got shape \(shape)")
    let x = detached()
    return x.gated().derived(from: edge { x.gateGradient($0) }).recomputable { x.gated() }
  }

  private func gated() -> Tensor {
    let (x, width) = (reals, shape[rank - 1] / 2)
    return .filled(shape.replacing(axis: -1, with: width), dtype: dtype) { y in
      forEachRow(elementCount / max(1, 2 * width), width: 2 * width, buffers: 2) { row, room in
        etude_glu(
          y.place(row * width, buffer: room[0]),
          x.floats(2 * row * width, 2 * width, buffer: room[1]), width)
        y.store(row * width, width, buffer: room[0])
      }
    }
  }

  /// With this tensor as GLU's input, the gradient of both halves from the gradient of the result.
  private func gateGradient(_ dy: Tensor) -> Tensor {
    let (x, from, width) = (reals, dy.reals, shape[rank - 1] / 2)
    return .filled(shape, dtype: dtype) { dx in
      forEachRow(elementCount / max(1, 2 * width), width: 2 * width, buffers: 3) { row, room in
        let start = 2 * row * width
        etude_glu_gradient(
          dx.place(start, buffer: room[0]), x.floats(start, 2 * width, buffer: room[1]),
          from.floats(row * width, width, buffer: room[2]), width)
        dx.store(start, 2 * width, buffer: room[0])
      }
    }
  }
}
