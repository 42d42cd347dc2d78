import Kernels

/// The elements of a piece of a loop: 32 kB, some 2 microseconds of work.
let elementGrain = 1 << 13

/// A loop over the elements of one tensor: `(y, x, count)`.
typealias UnaryKernel =
  @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
/// A loop over the elements of two tensors: `(y, a, b, count)`.
typealias BinaryKernel =
  @Sendable (
    UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
  ) -> Void

/// A kernel applied to the elements of two tensors that are broadcast to one shape, computed a run
/// of elements at a time.
struct Combination {
  private let a: RepeatedReals
  private let b: RepeatedReals
  private let kernel: BinaryKernel
  /// `bfloat16` if both tensors are.
  let dtype: DType
  /// The number of elements of the result.
  let count: Int

  /// The tensors must outlive this value.
  init(_ a: Tensor, _ b: Tensor, at shape: Shape, _ kernel: @escaping BinaryKernel) {
    (self.a, self.b) = (RepeatedReals(a, to: shape), RepeatedReals(b, to: shape))
    (self.kernel, count) = (kernel, shape.elementCount)
    dtype = a.dtype == b.dtype ? a.dtype : .float32
  }

  /// Writes `count` elements from `start` on to `y`; each of the three buffers has room for `count`
  /// floats.
  func write(
    _ start: Int, _ count: Int, into y: MutableReals, buffers: [UnsafeMutablePointer<Float>]
  ) {
    kernel(
      y.place(0, buffer: buffers[0]), a.floats(start, count, buffer: buffers[1]),
      b.floats(start, count, buffer: buffers[2]), count)
    y.store(0, count, buffer: buffers[0])
  }
}

extension Tensor {
  /// Applies a kernel `(y, x, count)` to all elements; the result has the same type.
  func mapped(
    _ kernel: UnaryKernel
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

  /// Applies a kernel `(y, a, b, count)` to the elements of two tensors that are broadcast to
  /// `target`, by default this tensor's shape. The result is `bfloat16` if both are, unless `dtype`
  /// is given.
  func combined(
    with other: Tensor, at target: Shape? = nil, into dtype: DType? = nil,
    _ kernel: @escaping BinaryKernel
  ) -> Tensor {
    let combination = Combination(self, other, at: target ?? shape, kernel)
    return .filled(target ?? shape, dtype: dtype ?? combination.dtype) { y in
      forEachChunk(combination.count, buffers: 3) { start, count, room in
        combination.write(start, count, into: y + start, buffers: room)
      }
    }
  }

  /// A function of each element, whose gradient is a kernel `(dx, x, dy, count)` of the kept input.
  /// A product that follows computes the result again instead of keeping it as well.
  func function(_ kernel: @escaping UnaryKernel, fromInput gradient: @escaping BinaryKernel)
    -> Tensor
  {
    let x = detached()
    return x.mapped(kernel).derived(from: edge { x.combined(with: $0, gradient) })
      .recomputable { x.mapped(kernel) }
  }

  /// A function of each element, whose gradient is a kernel `(dx, y, dy, count)` of the kept
  /// result.
  func function(_ kernel: @escaping UnaryKernel, fromResult gradient: @escaping BinaryKernel)
    -> Tensor
  {
    let y = mapped(kernel)
    return y.derived(from: edge { y.combined(with: $0, gradient) })
  }

  /// `scale * self + shift`, untracked.
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
