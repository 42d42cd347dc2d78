import Kernels

/// The least number of elements worth a thread of its own.
let elementGrain = 1 << 15

/// A loop `(y, x, count)` over the elements of a tensor.
typealias UnaryKernel =
  @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
/// A loop `(y, a, b, count)` over those of two.
typealias BinaryKernel =
  @Sendable (
    UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
  ) -> Void

/// What a kernel makes of the elements of two tensors that repeat to one shape, a run at a time.
struct Combination {
  private let a: RepeatedReals
  private let b: RepeatedReals
  private let kernel: BinaryKernel
  /// `bfloat16` if both tensors are.
  let dtype: DType
  /// How many elements there are.
  let count: Int

  /// The tensors must outlive this.
  init(_ a: Tensor, _ b: Tensor, at shape: Shape, _ kernel: @escaping BinaryKernel) {
    (self.a, self.b) = (RepeatedReals(a, to: shape), RepeatedReals(b, to: shape))
    (self.kernel, count) = (kernel, shape.elementCount)
    dtype = a.dtype == b.dtype ? a.dtype : .float32
  }

  /// Writes `count` elements from `start` on to `y`; three buffers have room for as many floats.
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
  /// Applies a kernel `(y, x, count)` to all elements; the result has their type.
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

  /// Applies a kernel `(y, a, b, count)` to the elements of two tensors that repeat to `target`, by
  /// default this one's shape; the result is `bfloat16` if both are, unless `dtype` says otherwise.
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

  /// A function of each element whose gradient is a kernel `(dx, x, dy, count)` of its input, which
  /// is kept. A product that follows computes the result again instead of keeping it too.
  func function(_ kernel: @escaping UnaryKernel, fromInput gradient: @escaping BinaryKernel)
    -> Tensor
  {
    let x = detached()
    return x.mapped(kernel).derived(from: edge { x.combined(with: $0, gradient) })
      .recomputable { x.mapped(kernel) }
  }

  /// A function of each element whose gradient is a kernel `(dx, y, dy, count)` of its result,
  /// which is kept.
  func function(_ kernel: @escaping UnaryKernel, fromResult gradient: @escaping BinaryKernel)
    -> Tensor
  {
    let y = mapped(kernel)
    return y.derived(from: edge { y.combined(with: $0, gradient) })
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
