import Kernels

extension Tensor {
  /// Multiplies and shifts every channel, `[..., C] -> [..., C]`: `y = x ⊙ scale + shift`, in one pass.
  /// The result has the type of the input; the arithmetic is float32.
  ///
  /// - Parameters:
  ///   - scale: `[C]`
  ///   - shift: `[C]`
  /// - Gradient: `dx = dy ⊙ scale`, `dscale = Σ dy ⊙ x`, `dshift = Σ dy`; keeps `x` and the scale. A
  ///   product that follows computes the result again instead of keeping it as well.
  /// - Traps when: there is no axis, or scale or shift are not `[C]`.
  public func scaledColumns(by scale: Tensor, plus shift: Tensor) -> Tensor {
    let columns: Shape = [shape.last ?? 0]
    precondition(
      rank >= 1 && scale.shape == columns && shift.shape == columns,
      "scaledColumns: scale \(scale.shape) and shift \(shift.shape) do not fit shape \(shape)")
    let scaling = ColumnScaling(x: detached(), scale: scale.detached())
    let offset = shift.detached()
    let joint = JointPullback(scaling.moments)
    return scaling.forward(plus: offset).derived(
      from: edge { scaling.inputGradient($0) }, scale.edge { joint($0).products },
      shift.edge { joint($0).sums }
    ).recomputable { scaling.forward(plus: offset) }
  }
}

private struct ColumnScaling {
  let x: Tensor
  /// `[C]`
  let scale: Tensor

  private var columns: Int { scale.elementCount }
  private var rows: Int { x.elementCount / max(1, columns) }

  /// The rows whose moments one core sums; the same for any number of cores.
  private static let partRows = 1024

  func forward(plus shift: Tensor) -> Tensor { scaled(x, plus: shift) }

  func inputGradient(_ dy: Tensor) -> Tensor {
    scaled(dy.converted(to: x.dtype), plus: .zeros([columns]))
  }

  private func scaled(_ x: Tensor, plus shift: Tensor) -> Tensor {
    let (source, a, b) = (x.reals, scale.floats, shift.floats)
    defer { withExtendedLifetime((x, shift)) {} }
    return .filled(x.shape, dtype: x.dtype) { y in
      Cores.parallel(rows, grain: max(1, elementGrain / max(1, columns))) { range in
        let start = range.lowerBound * columns
        (y + start).scaleColumns(
          of: source + start, by: a, plus: b, rows: range.count, columns: columns,
          activating: false)
      }
    }
  }

  /// `Σ dy` and `Σ dy ⊙ x` over the rows, `[C]`.
  func moments(_ dy: Tensor) -> (sums: Tensor, products: Tensor) {
    let dy = dy.converted(to: x.dtype)
    let parts = (rows + Self.partRows - 1) / Self.partRows
    var (sums, products) = (Tensor.zeros([parts, columns]), Tensor.zeros([parts, columns]))
    let (zeros, ones) = (Tensor.zeros([columns]), Tensor.ones([columns]))
    sums.update { sums in
      products.update { products in
        guard let sums = sums.baseAddress, let products = products.baseAddress else { return }
        Cores.forEach(parts) { part in
          let first = part * Self.partRows
          addMoments(
            of: first..<min(rows, first + Self.partRows), dy, mean: zeros.floats,
            reciprocal: ones.floats, to: sums + part * columns, products + part * columns)
        }
      }
    }
    withExtendedLifetime((zeros, ones, dy)) {}
    return (sums.sum(axis: 0), products.sum(axis: 0))
  }

  private func addMoments(
    of rows: Range<Int>, _ dy: Tensor, mean: UnsafePointer<Float>,
    reciprocal: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>,
    _ products: UnsafeMutablePointer<Float>
  ) {
    let (from, source) = (dy.reals + rows.lowerBound * columns, x.reals + rows.lowerBound * columns)
    if from.dtype == .float32 {
      etude_column_moments(
        sums, products, from.float32, source.float32, mean, reciprocal, rows.count, columns)
    } else {
      etude_column_moments_bfloat(
        sums, products, from.bfloat16, source.bfloat16, mean, reciprocal, rows.count, columns)
    }
  }
}
