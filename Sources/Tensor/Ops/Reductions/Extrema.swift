import Kernels

extension Tensor {
  /// The greatest element along one axis (a negative axis counts from the end). The axis is removed
  /// or keeps length 1. NaN counts as the greatest.
  ///
  /// - Gradient: `dy` goes to the first of the greatest elements.
  /// - Traps when: the axis is empty.
  public func maximum(axis: Int, keepingDims: Bool = false) -> Tensor {
    let positions = positionsOfGreatest("maximum", axis: axis)
    let axis = shape.index(ofAxis: axis)
    let result = taking(positions, axis: axis).derived(
      from: edge { [shape] dy in dy.placed(at: positions, axis: axis, of: shape) })
    return keepingDims ? result.reshaped(shape.replacing(axis: axis, with: 1)) : result
  }

  /// The least element along one axis; the rules of `maximum` apply.
  public func minimum(axis: Int, keepingDims: Bool = false) -> Tensor {
    -(-self).maximum(axis: axis, keepingDims: keepingDims)
  }

  /// The greatest element, a scalar. NaN counts as the greatest.
  public func maximum() -> Tensor { reshaped([elementCount]).maximum(axis: 0) }

  /// The least element, a scalar. NaN counts as the least.
  public func minimum() -> Tensor { reshaped([elementCount]).minimum(axis: 0) }

  /// The position of the greatest element along one axis, the first if several are equal, of type
  /// `int32`; no gradient. NaN counts as the greatest.
  ///
  /// - Traps when: the axis is empty.
  public func argmax(axis: Int) -> Tensor {
    let positions = positionsOfGreatest("argmax", axis: axis)
    return Tensor(positions, shape: shape.removing(axis: axis))
  }

  /// The positions in row-major order of the other axes.
  private func positionsOfGreatest(_ op: String, axis: Int) -> [Int32] {
    let axis = shape.index(ofAxis: axis)
    precondition(shape[axis] > 0, "\(op): of no elements, axis \(axis) of shape \(shape)")
    let (outer, length, inner) = lengths(around: axis)
    return converted(to: .float32).read { x in
      if inner == 1 {
        return (0..<outer).map { Int32(etude_argmax(x.baseAddress! + $0 * length, length)) }
      }
      return (0..<outer * inner).map { line in
        let start = line / inner * length * inner + line % inner
        return Int32(Self.greatest(length) { x[start + $0 * inner] })
      }
    }
  }

  private static func greatest(_ count: Int, _ number: (Int) -> Float) -> Int {
    var best = 0
    for i in 1..<max(1, count) {
      if number(best).isNaN { break }
      if !(number(i) <= number(best)) { best = i }
    }
    return best
  }

  /// One element of every line along an axis, untracked.
  private func taking(_ positions: [Int32], axis: Int) -> Tensor {
    let (_, length, inner) = lengths(around: axis)
    let x = converted(to: .float32)
    return x.read { x in
      Tensor(
        positions.enumerated().map { line, position in
          x[(line / inner * length + Int(position)) * inner + line % inner]
        }, shape: shape.removing(axis: axis))
    }.converted(to: dtype)
  }

  /// The gradient of `taking`: zeros except for the elements taken.
  private func placed(at positions: [Int32], axis: Int, of whole: Shape) -> Tensor {
    var dx = Tensor.zeros(whole)
    let (_, length, inner) = dx.lengths(around: axis)
    let dy = scalars
    dx.update { dx in
      for (line, position) in positions.enumerated() {
        dx[(line / inner * length + Int(position)) * inner + line % inner] = dy[line]
      }
    }
    return dx
  }

  /// The number of elements outside an axis, along it and inside it.
  private func lengths(around axis: Int) -> (outer: Int, length: Int, inner: Int) {
    (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
  }
}
