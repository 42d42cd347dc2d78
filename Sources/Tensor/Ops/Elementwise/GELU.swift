import Kernels

extension Tensor {
  /// `x Φ(x)` with the normal distribution function Φ: the exact form, not the tanh approximation.
  ///
  /// - Gradient: `dx = dy ⊙ (Φ(x) + x φ(x))`; keeps `x`. A product that follows computes the result
  ///   again instead of keeping it as well.
  /// - Source: Hendrycks and Gimpel 2016.
  public func gelu() -> Tensor {
    let x = detached()
    return x.activated().derived(from: edge { x.activationGradient($0) })
      .recomputable { x.activated() }
  }

  /// GELU, untracked.
  func activated() -> Tensor {
    let x = reals
    return .filled(shape, dtype: dtype) { y in
      Cores.parallel(elementCount, grain: elementGrain) { range in
        let (y, x) = (y + range.lowerBound, x + range.lowerBound)
        if dtype == .float32 {
          etude_gelu(y.float32, x.float32, range.count)
        } else {
          etude_gelu_bfloat(y.bfloat16, x.bfloat16, range.count)
        }
      }
    }
  }

  /// With this tensor as GELU's input, the gradient of the input from the gradient of the result.
  func activationGradient(_ dy: Tensor) -> Tensor {
    let dy = dy.converted(to: dtype)
    defer { withExtendedLifetime(dy) {} }
    let (x, from) = (reals, dy.reals)
    return .filled(shape, dtype: dtype) { dx in
      Cores.parallel(elementCount, grain: elementGrain) { range in
        let start = range.lowerBound
        let (dx, x, dy) = (dx + start, x + start, from + start)
        if dtype == .float32 {
          etude_gelu_gradient(dx.float32, x.float32, dy.float32, range.count)
        } else {
          etude_gelu_gradient_bfloat(dx.bfloat16, x.bfloat16, dy.bfloat16, range.count)
        }
      }
    }
  }
}
