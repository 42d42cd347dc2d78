extension Tensor {
  /// Both operands at their common shape, without history.
  ///
  /// Axes are matched from the last; an axis of length 1 repeats (NumPy's rule).
  /// - Traps when: two lengths differ and neither is 1.
  static func broadcast(_ op: String, _ a: Tensor, _ b: Tensor) -> (Tensor, Tensor) {
    if a.shape == b.shape { return (a.detached(), b.detached()) }
    let rank = max(a.rank, b.rank)
    let lengths = (0..<rank).map { axis in
      let i = axis - rank + a.rank
      let j = axis - rank + b.rank
      let (m, n) = (i >= 0 ? a.shape[i] : 1, j >= 0 ? b.shape[j] : 1)
      precondition(
        m == n || m == 1 || n == 1, "\(op): shapes do not fit, \(a.shape) and \(b.shape)")
      return m == 1 ? n : m
    }
    return (a.repeated(to: Shape(lengths)), b.repeated(to: Shape(lengths)))
  }

  /// A copy at a larger shape, axes of length 1 repeated; no history.
  func repeated(to target: Shape) -> Tensor {
    if shape == target { return detached() }
    let padded = Array(repeating: 1, count: target.rank - rank) + shape
    var strides = rowMajorStrides(padded)
    for axis in strides.indices where padded[axis] == 1 { strides[axis] = 0 }
    return stridedCopy(shape: target, strides: strides)
  }

  /// The sum over the axes along which `target` was repeated, `float32` if there are any; no history.
  func summed(to target: Shape) -> Tensor {
    var result = detached()
    if result.shape == target { return result }
    // From the last axis on, so that the numbers of those to come stay.
    for axis in (0..<rank).reversed() {
      let own = axis - rank + target.rank
      if own < 0 || (target[own] == 1 && shape[axis] != 1) { result = result.sum(axis: axis) }
    }
    return result.reshaped(target)
  }

  /// Element `(i, j, ...)` of the result is the one at `i * strides[0] + j * strides[1] + ...` here.
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

/// How far apart neighbours along each axis lie in a dense tensor.
func rowMajorStrides(_ lengths: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: lengths.count)
  for axis in lengths.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * lengths[axis + 1]
  }
  return strides
}
