import Kernels

// The operators of masks, and `replacing(with:where:)`, are named as those of the standard
// library's vectors (`SIMD`).
extension Tensor {
  /// 1 where `a < b`, else 0, broadcasting: a mask.
  ///
  /// Masks are of type `bfloat16`: it holds 1 and 0, takes half the memory of `float32`, and does
  /// not change the type of a factor. Sums and means of masks are `float32`. Masks have no
  /// gradient. NaN is neither less than, greater than nor equal to any number.
  /// - Traps when: the shapes do not fit, or an operand is `int32`.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { mask(".<", a, b, etude_less) }
  /// 1 where `a <= b`, else 0: a mask.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor {
    mask(".<=", a, b, etude_less_or_equal)
  }
  /// 1 where `a > b`, else 0: a mask.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { mask(".>", b, a, etude_less) }
  /// 1 where `a >= b`, else 0: a mask.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor {
    mask(".>=", b, a, etude_less_or_equal)
  }
  /// 1 where `a == b`, else 0: a mask.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { mask(".==", a, b, etude_equal) }
  /// 1 where `a != b`, else 0: a mask.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { mask(".!=", a, b, etude_unequal) }

  /// 1 where `a < s`, else 0: a mask.
  public static func .< (a: Tensor, s: Float) -> Tensor { a .< Tensor(s) }
  /// 1 where `a <= s`, else 0: a mask.
  public static func .<= (a: Tensor, s: Float) -> Tensor { a .<= Tensor(s) }
  /// 1 where `a > s`, else 0: a mask.
  public static func .> (a: Tensor, s: Float) -> Tensor { a .> Tensor(s) }
  /// 1 where `a >= s`, else 0: a mask.
  public static func .>= (a: Tensor, s: Float) -> Tensor { a .>= Tensor(s) }
  /// 1 where `a == s`, else 0: a mask.
  public static func .== (a: Tensor, s: Float) -> Tensor { a .== Tensor(s) }
  /// 1 where `a != s`, else 0: a mask.
  public static func .!= (a: Tensor, s: Float) -> Tensor { a .!= Tensor(s) }

  private static func mask(
    _ op: String, _ a: Tensor, _ b: Tensor, _ kernel: @escaping BinaryKernel
  ) -> Tensor {
    combined(op, a.detached(), b.detached(), into: .bfloat16, kernel)
  }
}

extension Tensor {
  /// `replacement` where `mask` is not 0, `self` elsewhere; all three are broadcast. In NumPy:
  /// `where(mask, replacement, self)`.
  ///
  /// - Gradient: each operand gets `dy` where it was selected, 0 elsewhere, summed over repeated
  ///   axes; keeps the mask, which has no gradient.
  /// - Traps when: the shapes do not fit, or an operand is `int32`.
  public func replacing(with replacement: Tensor, where mask: Tensor) -> Tensor {
    let mask = mask.detached()
    let target = Shape.common(
      "replacing", .common("replacing", shape, replacement.shape), mask.shape)
    return detached().merged(with: replacement.detached(), where: mask, at: target).derived(
      from: edge { [shape] in $0.combined(with: mask, summedTo: shape, etude_keep_unmasked) },
      replacement.edge { [shape = replacement.shape] in
        $0.combined(with: mask, summedTo: shape, etude_keep_masked)
      })
  }

  /// `number` where `mask` is not 0, `self` elsewhere.
  public func replacing(with number: Float, where mask: Tensor) -> Tensor {
    replacing(with: Tensor(number).converted(to: dtype), where: mask)
  }

  private func merged(with other: Tensor, where mask: Tensor, at target: Shape) -> Tensor {
    let (x, y) = (RepeatedReals(self, to: target), RepeatedReals(other, to: target))
    let mask = RepeatedReals(mask, to: target)
    return .filled(target, dtype: dtype == other.dtype ? dtype : .float32) { merged in
      forEachChunk(target.elementCount, buffers: 4) { start, count, room in
        etude_select(
          merged.place(start, buffer: room[0]), mask.floats(start, count, buffer: room[1]),
          y.floats(start, count, buffer: room[2]), x.floats(start, count, buffer: room[3]), count)
        merged.store(start, count, buffer: room[0])
      }
    }
  }
}

extension Tensor {
  /// The greater of two elements, broadcasting; NaN if either is NaN.
  ///
  /// - Gradient: `dy` goes to the greater element, half of it to each of two equal elements, summed
  ///   over repeated axes; keeps one `bfloat16` for each element.
  /// - Traps when: the shapes do not fit.
  public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
    extreme("maximum", a, b, etude_maximum, share: etude_share_of_greater)
  }

  /// The lesser of two elements; the rules of `maximum` apply.
  public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor {
    extreme("minimum", a, b, etude_minimum) { etude_share_of_greater($0, $2, $1, $3) }
  }

  /// The greater of each element and `number`.
  public static func maximum(_ a: Tensor, _ number: Float) -> Tensor {
    maximum(a, Tensor(number).converted(to: a.dtype))
  }

  /// The lesser of each element and `number`.
  public static func minimum(_ a: Tensor, _ number: Float) -> Tensor {
    minimum(a, Tensor(number).converted(to: a.dtype))
  }

  /// - Parameter share: The fraction of `dy` that goes to `a`: 1, 0, or ½ where both elements are
  ///   equal.
  private static func extreme(
    _ op: String, _ a: Tensor, _ b: Tensor, _ kernel: @escaping BinaryKernel,
    share: @escaping BinaryKernel
  ) -> Tensor {
    let (x, y) = (a.detached(), b.detached())
    let value = combined(op, x, y, kernel)
    guard a.isTracked || b.isTracked else { return value }
    let share = combined(op, x, y, into: .bfloat16, share)
    return value.derived(
      from: a.edge { [shape = a.shape] in
        $0.combined(with: share, summedTo: shape, etude_multiply)
      },
      b.edge { [shape = b.shape] in
        $0.combined(with: share.affine(-1, 1), summedTo: shape, etude_multiply)
      })
  }

  /// Each element limited to a range: `min(max(x, lower), upper)`; NaN stays NaN.
  ///
  /// - Gradient: `dx = dy` where `lower < y < upper`, 0 at the bounds and beyond; keeps `y`.
  /// - Traps when: `lower` is above `upper`.
  public func clamped(lower: Float = -.infinity, upper: Float = .infinity) -> Tensor {
    precondition(lower <= upper, "clamped: lower \(lower) must not be above upper \(upper)")
    return function(
      { etude_clamp($0, $1, lower, upper, $2) },
      fromResult: { etude_clamp_gradient($0, $1, $2, lower, upper, $3) })
  }
}
