import Kernels

/// The least number of elements worth a thread of its own.
let elementGrain = 1 << 15

extension Tensor {
  /// Applies a kernel `(y, x, count)` to all elements; the result has their type.
  func mapped(
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) -> Tensor {
    let x = reals
    return .filled(shape, dtype: dtype) { y in
      forEachChunk(elementCount, buffers: 2) { start, count, room in
        kernel(
          y.place(start, buffer: room[0]), x.floats(start, count, buffer: room[1]), count)
        y.store(start, count, buffer: room[0])
      }
    }
  }

  /// Applies a kernel `(y, a, b, count)` to the elements of two tensors of one shape; the result is
  /// `bfloat16` if both are.
  func combined(
    with other: Tensor,
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) -> Tensor {
    let (a, b) = (reals, other.reals)
    return .filled(shape, dtype: dtype == other.dtype ? dtype : .float32) { y in
      forEachChunk(elementCount, buffers: 3) { start, count, room in
        kernel(
          y.place(start, buffer: room[0]), a.floats(start, count, buffer: room[1]),
          b.floats(start, count, buffer: room[2]), count)
        y.store(start, count, buffer: room[0])
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
    let x = other.reals
    updateReals { y in
      forEachChunk(other.elementCount, buffers: 3) { start, count, room in
        etude_add(
          y.place(start, buffer: room[0]), y.reals.floats(start, count, buffer: room[1]),
          x.floats(start, count, buffer: room[2]), count)
        y.store(start, count, buffer: room[0])
      }
    }
  }
}
