extension Tensor {
  /// The same elements in the same order with another shape; shares memory.
  /// - Traps when: the numbers of elements differ.
  public func reshaped(_ target: Shape) -> Tensor {
    precondition(
      elementCount == target.elementCount, "reshaped: \(shape) does not fill \(target)")
    let view = Tensor(shape: target, dtype: dtype, storage: storage, offset: offset)
    return view.derived(from: edge { [shape] in $0.reshaped(shape) })
  }

  /// A copy with the axes in another order: axis `i` of the result is `order[i]` of this tensor.
  ///
  /// - Traps when: `order` is not a permutation of the axes.
  public func permuted(_ order: [Int]) -> Tensor {
    precondition(
      order.sorted() == Array(0..<rank), "permuted: \(order) does not order the axes of \(shape)")
    let strides = rowMajorStrides(Array(shape))
    let inverse = order.indices.map { order.firstIndex(of: $0)! }
    return stridedCopy(shape: Shape(order.map { shape[$0] }), strides: order.map { strides[$0] })
      .derived(from: edge { $0.permuted(inverse) })
  }

  /// The part `range` of one axis (a negative axis counts from the end). Shares memory for the
  /// first axis, else copies. Gradient: zeros outside the range.
  ///
  /// - Traps when: the range is not within the axis.
  public func sliced(axis: Int, _ range: Range<Int>) -> Tensor {
    let axis = shape.index(ofAxis: axis)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "sliced: \(range) is not within axis \(axis) of shape \(shape)")
    let part = axis == 0 ? leading(range) : copied(axis: axis, range)
    return part.derived(
      from: edge { [shape] dy in
        var dx = Tensor.zeros(shape, dtype: dy.dtype)
        dx.write(dy, axis: axis, at: range.lowerBound)
        return dx
      })
  }

  /// Concatenates tensors along an axis. Gradient: each tensor gets its part.
  ///
  /// - Traps when: there are no tensors, or another axis or the type differs.
  public static func concatenated(_ parts: [Tensor], axis: Int) -> Tensor {
    precondition(!parts.isEmpty, "concatenated: needs at least one tensor")
    let axis = parts[0].shape.index(ofAxis: axis)
    let length = parts.reduce(0) { $0 + $1.shape[axis] }
    let dtype = parts[0].dtype
    var result = Tensor.zeros(parts[0].shape.replacing(axis: axis, with: length), dtype: dtype)
    var (start, edges) = (0, [Edge?]())
    for part in parts {
      let range = start..<start + part.shape[axis]
      result.write(part, axis: axis, at: start)
      edges.append(part.edge { $0.sliced(axis: axis, range) })
      start = range.upperBound
    }
    return result.derived(from: edges)
  }

  private func leading(_ range: Range<Int>) -> Tensor {
    let row = elementCount / max(1, shape[0])
    return Tensor(
      shape: shape.replacing(axis: 0, with: range.count), dtype: dtype, storage: storage,
      offset: offset + range.lowerBound * row)
  }

  private func copied(axis: Int, _ range: Range<Int>) -> Tensor {
    let start = leadingOffset(axis: axis, range.lowerBound)
    let view = Tensor(shape: shape, dtype: dtype, storage: storage, offset: offset + start)
    return view.stridedCopy(
      shape: shape.replacing(axis: axis, with: range.count), strides: rowMajorStrides(Array(shape)))
  }

  private func leadingOffset(axis: Int, _ position: Int) -> Int {
    position * shape[(axis + 1)...].reduce(1, *)
  }

  /// Copies `part` into this tensor, from `position` of the axis on.
  private mutating func write(_ part: Tensor, axis: Int, at position: Int) {
    precondition(
      part.shape.replacing(axis: axis, with: shape[axis]) == shape,
      "concatenated: \(part.shape) does not fit \(shape) along axis \(axis)")
    precondition(part.dtype == dtype, "concatenated: \(part.dtype) does not fit \(dtype)")
    let run = part.leadingOffset(axis: axis, part.shape[axis]) * dtype.byteCount
    let step = leadingOffset(axis: axis, shape[axis]) * dtype.byteCount
    let start = leadingOffset(axis: axis, position) * dtype.byteCount
    let source = part.bytes
    let byteCount = part.elementCount * dtype.byteCount
    updateBytes { buffer in
      guard run > 0 else { return }
      for i in 0..<byteCount / run {
        (buffer + i * step + start).copyMemory(from: source + i * run, byteCount: run)
      }
    }
  }
}
