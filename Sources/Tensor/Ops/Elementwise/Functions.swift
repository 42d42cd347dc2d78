import Kernels

extension Tensor {
  /// `e^x`, within 2 ulp. Gradient: `dx = dy ⊙ y`; keeps `y`.
  public func exp() -> Tensor {
    let y = mapped(etude_exp)
    return y.derived(from: edge { $0 * y })
  }

  /// `ln x`: -∞ for 0, NaN for a negative number. Gradient: `dx = dy / x`; keeps `x`.
  public func log() -> Tensor {
    let x = detached()
    return mapped(etude_log).derived(from: edge { $0 / x })
  }

  /// `√x`. Gradient: `dx = dy / 2y`, infinite at 0; keeps `y`.
  public func squareRoot() -> Tensor {
    let y = mapped(etude_sqrt)
    return y.derived(from: edge { $0 / (y * 2) })
  }

  /// `x²`. Gradient: `dx = 2 x ⊙ dy`; keeps `x`.
  public func squared() -> Tensor {
    let x = detached()
    return x.combined(with: x, etude_multiply).derived(from: edge { $0 * x * 2 })
  }

  /// `x^exponent`, within 1 ulp. NaN for a negative number, unless the exponent is a whole number.
  ///
  /// - Gradient: `dx = dy ⊙ exponent x^(exponent - 1)`; keeps `x`.
  /// - Traps when: the exponent is not finite.
  public func raised(to exponent: Float) -> Tensor {
    precondition(exponent.isFinite, "raised: the exponent must be finite, got \(exponent)")
    return function(
      { etude_raise($0, $1, exponent, $2) },
      fromInput: { etude_raise_gradient($0, $1, $2, exponent, $3) })
  }

  /// `|x|`. Gradient: `dx = dy ⊙ sign x`, 0 at 0; keeps `x`.
  public func abs() -> Tensor { function(etude_abs, fromInput: etude_abs_gradient) }

  /// `sin x` of an angle in radians, within 1 ulp. Gradient: `dx = dy ⊙ cos x`; keeps `x`.
  public func sin() -> Tensor {
    let x = detached()
    return mapped(etude_sin).derived(
      from: edge { $0.combined(with: x.mapped(etude_cos), etude_multiply) })
  }

  /// `cos x` of an angle in radians, within 1 ulp. Gradient: `dx = -dy ⊙ sin x`; keeps `x`.
  public func cos() -> Tensor {
    let x = detached()
    return mapped(etude_cos).derived(
      from: edge { $0.combined(with: x.mapped(etude_sin), etude_multiply).affine(-1) })
  }

  /// The smooth L1 distance from 0: `x² / 2 beta` for `|x| < beta`, else `|x| - beta / 2`.
  ///
  /// - Gradient: `dx = dy ⊙ x / beta` between `-beta` and `beta`, `±dy` beyond; keeps `x` and `x`
  ///   clamped to this range.
  /// - Traps when: `beta` is not above 0.
  public func smoothL1(beta: Float) -> Tensor {
    precondition(beta > 0, "smoothL1: beta must be above 0, got \(beta)")
    let x = detached()
    let near = x.mapped { etude_clamp($0, $1, -beta, beta, $2) }
    return (near * (x - near / 2) / beta).derived(from: edge { $0 * near / beta })
  }
}
