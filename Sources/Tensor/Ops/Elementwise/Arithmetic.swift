import Kernels

extension Tensor {
  /// `a + b`, broadcasting like NumPy: axes of length 1 and missing leading axes are repeated. No
  /// operator here copies a repeated operand to the larger shape.
  ///
  /// - Gradient: `da = dy`, `db = dy`, summed over repeated axes.
  /// - Traps when: two lengths differ and neither is 1.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = (a.detached(), b.detached())
    return combined("+", x, y, etude_add).derived(
      from: a.edge { [shape = a.shape] in $0.summed(to: shape) },
      b.edge { [shape = b.shape] in $0.summed(to: shape) })
  }

  /// `a - b`, broadcasting. Gradient: `da = dy`, `db = -dy`, summed over repeated axes.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = (a.detached(), b.detached())
    return combined("-", x, y, etude_subtract).derived(
      from: a.edge { [shape = a.shape] in $0.summed(to: shape) },
      b.edge { [shape = b.shape] in $0.summed(to: shape).affine(-1) })
  }

  /// `a ⊙ b`, broadcasting. Gradient: `da = dy ⊙ b`, `db = dy ⊙ a`; keeps both.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = (a.detached(), b.detached())
    return combined("*", x, y, etude_multiply).derived(
      from: a.edge { [shape = a.shape] in $0.combined(with: y, summedTo: shape, etude_multiply) },
      b.edge { [shape = b.shape] in $0.combined(with: x, summedTo: shape, etude_multiply) })
  }

  /// `a / b`, broadcasting. Gradient: `da = dy / b`, `db = -dy ⊙ a / b²`; keeps both.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = (a.detached(), b.detached())
    return combined("/", x, y, etude_divide).derived(
      from: a.edge { [shape = a.shape] in $0.combined(with: y, summedTo: shape, etude_divide) },
      b.edge { [shape = b.shape] dy in
        let slope = combined("/", x, y.combined(with: y, etude_multiply), etude_divide)
        return dy.combined(with: slope, summedTo: shape, etude_multiply).affine(-1)
      })
  }

  /// `a + s`
  public static func + (a: Tensor, s: Float) -> Tensor {
    a.affine(1, s).derived(from: a.edge { $0 })
  }
  /// `s + a`
  public static func + (s: Float, a: Tensor) -> Tensor { a + s }
  /// `a - s`
  public static func - (a: Tensor, s: Float) -> Tensor { a + -s }
  /// `s - a`
  public static func - (s: Float, a: Tensor) -> Tensor { -a + s }
  /// `s a`
  public static func * (a: Tensor, s: Float) -> Tensor {
    a.affine(s).derived(from: a.edge { $0.affine(s) })
  }
  /// `s a`
  public static func * (s: Float, a: Tensor) -> Tensor { a * s }
  /// `a / s`
  public static func / (a: Tensor, s: Float) -> Tensor { a * (1 / s) }
  /// `s / a`. Gradient: `da = -dy s / a²`.
  public static func / (s: Float, a: Tensor) -> Tensor { Tensor(s) / a }
  /// `-a`
  public static prefix func - (a: Tensor) -> Tensor { a * -1 }

  /// The same value, with its gradient multiplied by `factor`. It lowers the learning rate of a
  /// front end.
  public func scalingGradient(by factor: Float) -> Tensor {
    detached().derived(from: edge { $0.affine(factor) })
  }
}
