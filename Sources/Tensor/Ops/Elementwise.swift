import Kernels

/// The least number of elements worth a thread of its own.
let elementGrain = 1 << 15

extension Tensor {
  /// Applies a kernel `(y, x, count)` to all elements.
  func mapped(
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) -> Tensor {
    let x = floats
    return .filled(shape) { y in
      Cores.parallel(elementCount, grain: elementGrain) { range in
        kernel(y + range.lowerBound, x + range.lowerBound, range.count)
      }
    }
  }

  /// Applies a kernel `(y, a, b, count)` to the elements of two tensors of one shape.
  func combined(
    with other: Tensor,
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) -> Tensor {
    let (a, b) = (floats, other.floats)
    return .filled(shape) { y in
      Cores.parallel(elementCount, grain: elementGrain) { range in
        let start = range.lowerBound
        kernel(y + start, a + start, b + start, range.count)
      }
    }
  }

  /// `scale * self + shift` without a history.
  func affine(_ scale: Float, _ shift: Float = 0) -> Tensor {
    mapped { etude_affine($0, $1, scale, shift, $2) }
  }

  /// Adds `other` in place: `self += other`.
  ///
  /// - Traps when: the shapes differ, or the tensor is the tracked result of an operation.
  public mutating func add(_ other: Tensor) {
    precondition(shape == other.shape, "add: shapes differ, \(shape) and \(other.shape)")
    let x = other.floats
    update { y in
      let y = y.baseAddress!
      Cores.parallel(other.elementCount, grain: elementGrain) { range in
        etude_accumulate(y + range.lowerBound, x + range.lowerBound, 1, range.count)
      }
    }
  }
}
