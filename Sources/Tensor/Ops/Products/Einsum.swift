extension Tensor {
  /// A sum of products over named axes, as in NumPy. Every letter names an axis; the sum is over
  /// the letters that are missing in the result.
  ///
  /// ```swift
  /// let scores = Tensor.einsum("bqd,bkd->bqk", queries, keys)  // [B, T, D] twice -> [B, T, T]
  /// let outer = Tensor.einsum("i,j->ij", x, y)
  /// ```
  ///
  /// Computed as one `matmul` over a stack of matrices. Axes are permuted before and after where
  /// their order requires it. Sums are taken in float32, and gradients are those of the operations
  /// used.
  /// - Traps when: the formula is not of the form `ab,bc->ac`, a letter occurs twice in one operand
  ///   or in the result, or a letter names axes of different lengths.
  public static func einsum(_ formula: String, _ a: Tensor, _ b: Tensor) -> Tensor {
    let names = AxisNames(formula, a.shape, b.shape)
    let (x, left) = a.summed(over: names.left, butFor: names.right + names.result)
    let (y, right) = b.summed(over: names.right, butFor: names.left + names.result)
    let shared = left.filter(right.contains)
    let stack = shared.filter(names.result.contains)
    let inner = shared.filter { !names.result.contains($0) }
    let rows = left.filter { !right.contains($0) }
    let columns = right.filter { !left.contains($0) }

    let (p, pTransposed) = names.matrices(x, left, [stack, rows, inner])
    let (q, qTransposed) = names.matrices(y, right, [stack, inner, columns])
    let product = p.matmul(q, transposingLeft: pTransposed, transposingRight: qTransposed)
    let axes = stack + rows + columns
    return product.reshaped(Shape(axes.map(names.length))).arranged(axes, as: names.result)
  }

  /// The sum over the named axes that are not in `kept`, and the names of the remaining axes.
  private func summed(
    over axes: [Character], butFor kept: [Character]
  ) -> (Tensor, [Character]) {
    let gone = axes.indices.filter { !kept.contains(axes[$0]) }
    let sum = gone.reversed().reduce(self) { x, axis in x.sum(axis: axis) }
    return (sum, axes.filter(kept.contains))
  }

  /// This tensor with its named axes in another order; not copied if the order is the same.
  fileprivate func arranged(_ axes: [Character], as order: [Character]) -> Tensor {
    axes == order ? self : permuted(order.map { axes.firstIndex(of: $0)! })
  }
}

/// The letters of both operands and of the result of an `einsum` formula, with the lengths of their
/// axes.
private struct AxisNames {
  let left: [Character]
  let right: [Character]
  let result: [Character]
  private var lengths: [Character: Int] = [:]

  init(_ formula: String, _ a: Shape, _ b: Shape) {
    let letters = formula.filter { !$0.isWhitespace }
    let sides = letters.split(separator: "->", omittingEmptySubsequences: false)
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    precondition(
      sides.count == 2 && operands.count == 2, "einsum: '\(formula)' is not of the form ab,bc->ac")
    (left, right, result) = (Array(operands[0]), Array(operands[1]), Array(sides[1]))
    for axes in [left, right, result] {
      precondition(
        Set(axes).count == axes.count && axes.allSatisfy(\.isLetter),
        "einsum: '\(String(axes))' in '\(formula)' does not name each axis by a letter of its own")
    }
    take(a, left, b, formula)
    take(b, right, a, formula)
    precondition(
      result.allSatisfy { lengths[$0] != nil },
      "einsum: an axis of the result is in neither operand, '\(formula)'")
  }

  private mutating func take(_ shape: Shape, _ axes: [Character], _ other: Shape, _ formula: String)
  {
    precondition(
      shape.rank == axes.count,
      "einsum: '\(String(axes))' in '\(formula)' does not name the axes of shape \(shape)")
    for (axis, length) in zip(axes, shape) {
      precondition(
        lengths[axis, default: length] == length,
        "einsum: '\(formula)' gives axis \(axis) two lengths, shapes \(other) and \(shape)")
      lengths[axis] = length
    }
  }

  func length(_ axis: Character) -> Int { lengths[axis]! }

  /// `x` as a stack of matrices whose axes combine the named axes of the three parts. Transposed if
  /// that avoids a copy.
  func matrices(
    _ x: Tensor, _ axes: [Character], _ parts: [[Character]]
  ) -> (Tensor, isTransposed: Bool) {
    let isTransposed = axes == parts[0] + parts[2] + parts[1]
    let order = isTransposed ? [parts[0], parts[2], parts[1]] : parts
    let lengths = order.map { $0.map(length).reduce(1, *) }
    return (x.arranged(axes, as: Array(order.joined())).reshaped(Shape(lengths)), isTransposed)
  }
}
