import Kernels

extension Tensor {
  /// `e^x`, within 2 ulp. Gradient: `dx = dy ⊙ y`; keeps `y`.
  public func exp() -> Tensor {
    let y = mapped(etude_exp)
    return y.derived(from: edge { $0 * y })
  }

  /// `ln x`; of 0 it is -∞, of a negative number NaN. Gradient: `dx = dy / x`; keeps `x`.
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
}
