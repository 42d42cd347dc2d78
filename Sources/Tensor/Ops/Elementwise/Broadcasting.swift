extension Shape {
  /// The shape to which both shapes are broadcast. Axes are matched from the last; an axis that is
  /// missing or has length 1 is repeated (NumPy's rule).
  /// - Traps when: two lengths differ and neither is 1.
  static func common(_ op: String, _ a: Shape, _ b: Shape) -> Shape {
    if a == b { return a }
    let rank = Swift.max(a.rank, b.rank)
    return Shape(
      zip(a.padded(to: rank), b.padded(to: rank)).map { m, n in
        precondition(m == n || m == 1 || n == 1, "\(op): shapes do not fit, \(a) and \(b)")
        return m == 1 ? n : m
      })
  }

  /// The lengths, with leading ones up to a rank of `rank`.
  func padded(to rank: Int) -> [Int] { Array(repeating: 1, count: rank - self.rank) + self }

  /// The stride along each axis of `target` in a dense tensor of this shape; 0 along an axis that
  /// is repeated.
  func strides(repeatedTo target: Shape) -> [Int] {
    let lengths = padded(to: target.rank)
    return zip(lengths, rowMajorStrides(lengths)).map { $0 == 1 ? 0 : $1 }
  }

  /// The axes of this shape along which a tensor of shape `small` was repeated, the last axis
  /// first. The gradient is summed over them; in this order the sum over one axis does not change
  /// the numbers of the others.
  func axes(repeating small: Shape) -> [Int] {
    indices.reversed().filter { axis in
      let own = axis - rank + small.rank
      return own < 0 || (small[own] == 1 && self[axis] != 1)
    }
  }
}

/// Real numbers read at a larger shape, repeated along some axes. A run of numbers is read in place
/// or copied into a buffer; the larger tensor is never made.
struct RepeatedReals {
  private let reals: Reals
  /// The axes, the innermost first. Neighbouring axes that one stride can step through are merged.
  private var axes: [(length: Int, step: Int)] = []

  /// - Parameter shape: The shape to which `tensor` is broadcast.
  init(_ tensor: Tensor, to shape: Shape) {
    reals = tensor.reals
    for (length, step) in zip(shape, tensor.shape.strides(repeatedTo: shape)).reversed()
    where length != 1 {
      if let last = axes.last, step == last.step * last.length {
        axes[axes.count - 1].length *= length
      } else {
        axes.append((length, step))
      }
    }
    if axes.isEmpty { axes = [(1, 0)] }
  }

  /// `count` numbers of the larger shape, from position `start` on.
  func floats(
    _ start: Int, _ count: Int, buffer: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let (length, step) = axes[0]
    var (row, column) = start.quotientAndRemainder(dividingBy: length)
    if step == 1, column + count <= length {
      return reals.floats(offset(ofRow: row) + column, count, buffer: buffer)
    }
    var written = 0
    while written < count {
      let run = min(length - column, count - written)
      reals.copy(offset(ofRow: row) + column * step, run, step: step, into: buffer + written)
      (written, row, column) = (written + run, row + 1, 0)
    }
    return UnsafePointer(buffer)
  }

  /// The offset of the run with number `row` along the innermost axis.
  private func offset(ofRow row: Int) -> Int {
    var (rest, offset) = (row, 0)
    for (length, step) in axes.dropFirst() {
      if rest == 0 { break }
      let (quotient, position) = rest.quotientAndRemainder(dividingBy: length)
      (rest, offset) = (quotient, offset + position * step)
    }
    return offset
  }
}

extension Reals {
  /// `count` numbers from `start` on; for a step of 0, the number at `start` repeated.
  fileprivate func copy(
    _ start: Int, _ count: Int, step: Int, into y: UnsafeMutablePointer<Float>
  ) {
    if step == 0 {
      y.update(repeating: floats(start, 1, buffer: y).pointee, count: count)
    } else if dtype == .float32 {
      y.update(from: float32 + start, count: count)
    } else {
      _ = floats(start, count, buffer: y)
    }
  }
}

extension Tensor {
  /// Applies a kernel `(y, a, b, count)` to the elements of two tensors that are broadcast to one
  /// shape.
  /// - Traps when: the shapes cannot be broadcast.
  static func combined(
    _ op: String, _ a: Tensor, _ b: Tensor, into dtype: DType? = nil,
    _ kernel: @escaping BinaryKernel
  ) -> Tensor {
    a.combined(with: b, at: .common(op, a.shape, b.shape), into: dtype, kernel)
  }

  /// A copy at a larger shape, axes of length 1 repeated; untracked.
  func repeated(to target: Shape) -> Tensor {
    if shape == target { return detached() }
    return stridedCopy(shape: target, strides: shape.strides(repeatedTo: target))
  }

  /// The sum over the axes along which `target` was repeated, `float32` if there are any;
  /// untracked.
  func summed(to target: Shape) -> Tensor {
    shape.axes(repeating: target).reduce(detached()) { $0.sum(axis: $1) }.reshaped(target)
  }

  /// A copy in which element `(i, j, ...)` is this tensor's element at
  /// `i * strides[0] + j * strides[1] + ...`.
  func stridedCopy(shape target: Shape, strides: [Int]) -> Tensor {
    switch dtype {
    case .float32: stridedCopy(of: Float.self, shape: target, strides: strides)
    case .bfloat16: stridedCopy(of: BFloat16.self, shape: target, strides: strides)
    case .int32: stridedCopy(of: Int32.self, shape: target, strides: strides)
    }
  }

  private func stridedCopy<Element: TensorElement>(
    of type: Element.Type, shape target: Shape, strides: [Int]
  ) -> Tensor {
    Tensor(shape: target) { (y: UnsafeMutableBufferPointer<Element>) in
      guard target.elementCount > 0, let y = y.baseAddress else { return }
      let inner = target.last ?? 1
      let innerStride = strides.last ?? 1
      let outer = Array(target.dropLast())
      let source = start(of: Element.self)
      Cores.parallel(target.elementCount / inner, grain: max(1, elementGrain / inner)) { rows in
        for row in rows {
          let x = source + Self.offset(ofRow: row, lengths: outer, strides: strides)
          let run = y + row * inner
          if innerStride == 1 {
            run.update(from: x, count: inner)
          } else {
            for i in 0..<inner { run[i] = x[i * innerStride] }
          }
        }
      }
    }
  }

  private static func offset(ofRow row: Int, lengths: [Int], strides: [Int]) -> Int {
    var (rest, offset) = (row, 0)
    for axis in lengths.indices.reversed() {
      offset += rest % lengths[axis] * strides[axis]
      rest /= lengths[axis]
    }
    return offset
  }
}

/// The stride along each axis of a dense tensor.
func rowMajorStrides(_ lengths: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: lengths.count)
  for axis in lengths.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * lengths[axis + 1]
  }
  return strides
}
