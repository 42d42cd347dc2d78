/// An index of one axis in a subscript: a position, which removes the axis, or a range, which keeps
/// it.
public protocol AxisIndex: Sendable {
  /// The positions taken from an axis of this length.
  func positions(of length: Int) -> Range<Int>
  /// Whether the axis is removed.
  var removesAxis: Bool { get }
}

extension AxisIndex {
  /// A range keeps its axis.
  public var removesAxis: Bool { false }
}

extension Int: AxisIndex {
  /// One position; a negative one counts from the end.
  public func positions(of length: Int) -> Range<Int> {
    let position = fromEnd(of: length)
    return position..<position + 1
  }
  /// A position removes its axis.
  public var removesAxis: Bool { true }

  fileprivate func fromEnd(of length: Int) -> Int { self < 0 ? self + length : self }
}

extension Range<Int>: AxisIndex {
  /// The range itself.
  public func positions(of length: Int) -> Range<Int> { self }
}

extension ClosedRange<Int>: AxisIndex {
  /// The range with its upper bound.
  public func positions(of length: Int) -> Range<Int> { lowerBound..<upperBound + 1 }
}

extension PartialRangeFrom<Int>: AxisIndex {
  /// From the lower bound to the end: `0...` is all, `(-3)...` the last three.
  public func positions(of length: Int) -> Range<Int> {
    let start = lowerBound.fromEnd(of: length)
    return start..<Swift.max(start, length)
  }
}

extension PartialRangeUpTo<Int>: AxisIndex {
  /// From the beginning to the upper bound: `..<3` is the first three, `..<(-1)` all but the last.
  public func positions(of length: Int) -> Range<Int> {
    0..<Swift.max(0, upperBound.fromEnd(of: length))
  }
}

extension Tensor {
  /// A part of the tensor: a position or a range for each axis, from the first on. The other axes
  /// are kept whole.
  ///
  /// ```swift
  /// x[0]           // the first of a batch, [B, T, D] -> [T, D]
  /// x[-1, ..<10]   // ten frames of the last, -> [10, D]
  /// x[0..., 3]     // one frame of each, -> [B, D]
  /// ```
  ///
  /// Negative positions, and negative bounds of one-sided ranges, count from the end. Leading parts
  /// share memory, others are copied. Gradient: zeros outside the part.
  /// - Traps when: there are more indices than axes, or an index is out of range.
  public subscript(indices: any AxisIndex...) -> Tensor {
    precondition(
      indices.count <= rank, "subscript: \(indices.count) indices for the axes of shape \(shape)")
    var part = self
    for (axis, index) in indices.enumerated() {
      let positions = index.positions(of: shape[axis])
      precondition(
        positions.lowerBound >= 0 && positions.upperBound <= shape[axis],
        "subscript: \(index) is not within axis \(axis) of shape \(shape)")
      if positions.count < shape[axis] { part = part.sliced(axis: axis, positions) }
    }
    let kept = indices.indices.filter { !indices[$0].removesAxis }.map { part.shape[$0] }
    return part.reshaped(Shape(kept + part.shape.dropFirst(indices.count)))
  }
}
