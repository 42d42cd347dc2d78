import Tensor

/// Minimises a smooth function with the limited-memory BFGS method and a backtracking line search.
///
/// Deterministic: the same function and start give the same bits.
///
/// Source: Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5.
struct LBFGS {
  /// How many past steps the estimate of the curvature remembers.
  var memory = 10
  /// Steps at most.
  var iterations = 200
  /// Done once no element of the gradient is larger than this.
  var tolerance: Float = 1e-4

  /// A point with the function's value and gradient there.
  struct Evaluation {
    var point: Tensor
    var value: Float
    var gradient: Tensor
  }

  /// - Parameter function: Value and gradient at a point.
  /// - Returns: The last point reached, as good as the tolerance or the arithmetic allows.
  func minimum(
    from start: Tensor, of function: (Tensor) -> (value: Float, gradient: Tensor)
  ) -> Evaluation {
    var current = Evaluation(at: start, of: function)
    var curvature = Curvature(memory: memory)
    for _ in 0..<iterations where current.gradient.largestMagnitude > tolerance {
      let direction = curvature.direction(downhillFrom: current.gradient)
      guard let next = step(from: current, along: direction, of: function) else { break }
      curvature.remember(from: current, to: next)
      current = next
    }
    return current
  }

  /// The first of the steps 1, 1/2, 1/4 … that decreases the function enough (Armijo's rule), or
  /// nil when rounding hides any decrease.
  private func step(
    from current: Evaluation, along direction: Tensor,
    of function: (Tensor) -> (value: Float, gradient: Tensor)
  ) -> Evaluation? {
    let slope = current.gradient.dot(direction)
    var length: Float = 1
    for _ in 0..<20 {
      let next = Evaluation(at: current.point + direction * length, of: function)
      if next.value <= current.value + 1e-4 * length * slope { return next }
      length /= 2
    }
    return nil
  }
}

extension LBFGS.Evaluation {
  fileprivate init(at point: Tensor, of function: (Tensor) -> (value: Float, gradient: Tensor)) {
    let (value, gradient) = function(point)
    self.init(point: point, value: value, gradient: gradient)
  }
}

/// The last steps and changes of the gradient, an implicit estimate of the inverse Hessian.
private struct Curvature {
  let memory: Int
  /// Steps `s`, changes `y` of the gradient and `1 / (s · y)`, oldest first.
  var pairs: [(s: Tensor, y: Tensor, rho: Float)] = []

  init(memory: Int) { self.memory = memory }

  /// The two-loop recursion.
  func direction(downhillFrom gradient: Tensor) -> Tensor {
    var q = gradient
    var alphas: [Float] = []
    for (s, y, rho) in pairs.reversed() {
      let alpha = rho * s.dot(q)
      alphas.append(alpha)
      q = q - y * alpha
    }
    q = q * scale(of: gradient)
    for ((s, y, rho), alpha) in zip(pairs, alphas.reversed()) {
      q = q + s * (alpha - rho * y.dot(q))
    }
    return -q
  }

  /// The size of the inverse Hessian: from the last step, or a first step of length 1 at most.
  private func scale(of gradient: Tensor) -> Float {
    guard let (_, y, rho) = pairs.last else {
      return 1 / max(1, gradient.dot(gradient).squareRoot())
    }
    return 1 / (rho * y.dot(y))
  }

  /// Keeps the step if the function curved upwards along it, beyond rounding.
  mutating func remember(from old: LBFGS.Evaluation, to new: LBFGS.Evaluation) {
    let (s, y) = (new.point - old.point, new.gradient - old.gradient)
    let product = s.dot(y)
    guard product > 1e-10 * y.dot(y) else { return }
    pairs.append((s, y, 1 / product))
    if pairs.count > memory { pairs.removeFirst() }
  }
}

extension Tensor {
  /// `Σ aᵢ bᵢ` over all elements.
  fileprivate func dot(_ other: Tensor) -> Float { (self * other).sum().scalar }

  /// `max |aᵢ|`.
  fileprivate var largestMagnitude: Float { read { $0.reduce(0) { max($0, Swift.abs($1)) } } }
}
