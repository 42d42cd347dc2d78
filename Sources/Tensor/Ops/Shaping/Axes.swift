extension Tensor {
  /// A copy with two axes exchanged, by default the last two: a transposed matrix.
  ///
  /// - Traps when: there is no such axis.
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
    var order = Array(0..<rank)
    order.swapAt(shape.index(ofAxis: first), shape.index(ofAxis: second))
    return permuted(order)
  }

  /// Inserts an axis of length 1 before `axis`, or after the last axis for -1:
  /// `[T, D] -> [1, T, D]` for 0. Shares memory.
  ///
  /// - Traps when: the position is out of range.
  public func insertingAxis(at axis: Int) -> Tensor {
    let place = axis < 0 ? axis + rank + 1 : axis
    precondition(0...rank ~= place, "insertingAxis: at \(axis) does not fit shape \(shape)")
    return reshaped(Shape(shape[..<place] + [1] + shape[place...]))
  }

  /// Removes an axis of length 1: `[B, 1, D] -> [B, D]` for 1. Shares memory.
  ///
  /// - Traps when: the length of the axis is not 1.
  public func removingAxis(_ axis: Int) -> Tensor {
    precondition(
      shape[shape.index(ofAxis: axis)] == 1,
      "removingAxis: axis \(axis) of shape \(shape) is not of length 1")
    return reshaped(shape.removing(axis: axis))
  }

  /// A copy at a larger shape, where axes of length 1 and missing leading axes are repeated
  /// (NumPy's rule): `[D] -> [B, T, D]`. Gradient: the sum over the repeated axes.
  ///
  /// - Traps when: an axis of another length differs from the target.
  public func broadcast(to target: Shape) -> Tensor {
    let own = Array(repeating: 1, count: max(0, target.rank - rank)) + shape
    precondition(
      own.count == target.rank && zip(own, target).allSatisfy { $0 == $1 || $0 == 1 },
      "broadcast: shape \(shape) does not repeat to \(target)")
    return repeated(to: target).derived(from: edge { [shape] in $0.summed(to: shape) })
  }

  /// Tensors of one shape combined along a new axis: `B` tensors `[T, D] -> [B, T, D]` for axis 0.
  ///
  /// - Traps when: there are no tensors, or their shapes differ.
  public static func stacked(_ parts: [Tensor], axis: Int = 0) -> Tensor {
    let shapes = Set(parts.map(\.shape))
    precondition(
      shapes.count == 1, "stacked: needs tensors of one shape, got \(parts.map(\.shape))")
    let place = axis < 0 ? axis + parts[0].rank + 1 : axis
    return .concatenated(parts.map { $0.insertingAxis(at: place) }, axis: place)
  }
}
