import Kernels

extension Tensor {
  /// `y = x / max(‖x‖, ε)` over the last axis, of type `float32`. Products of normalised rows are
  /// cosines.
  ///
  /// - Gradient: `dx = (dy - y (y · dy)) / ‖x‖`; keeps `y` and the norms.
  public func l2Normalized(epsilon: Float = 1e-8) -> Tensor {
    precondition(rank >= 1, "l2Normalized: needs at least one axis, got shape \(shape)")
    if dtype == .bfloat16 { return cast(to: .float32).l2Normalized(epsilon: epsilon) }
    let width = shape[rank - 1]
    let x = floats
    let norms = (0..<elementCount / max(1, width)).map { row in
      max(Float(etude_sum_squares(x + row * width, width)).squareRoot(), epsilon)
    }
    let y = Tensor.filled(shape) { y in
      forEachRow(of: shape) { row in
        etude_affine(y + row * width, x + row * width, 1 / norms[row], 0, width)
      }
    }
    return y.derived(
      from: edge { dy in
        let (from, out) = (dy.floats, y.floats)
        return .filled(y.shape) { dx in
          forEachRow(of: y.shape) { row in
            let start = row * width
            let dot = Float(etude_dot(out + start, from + start, width))
            etude_affine(dx + start, from + start, 1 / norms[row], 0, width)
            etude_accumulate(dx + start, out + start, -dot / norms[row], width)
          }
        }
      })
  }
}
