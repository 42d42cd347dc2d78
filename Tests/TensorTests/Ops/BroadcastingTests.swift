import Tensor
import TestSupport
import Testing

/// Small operands are read where they lie, again and again. What comes out must not show it.
@Suite struct BroadcastingTests {
  /// Rows, columns, scalars, both sides at once, inner and outer axes; sums of one block and of
  /// several, of parts of a row, of more columns than are summed at once; nothing.
  static let pairs: [(Shape, Shape)] = [
    ([3], []), ([7, 5], [5]), ([7, 1], [5]), ([3], [1, 3]), ([2, 3, 4], [1, 3, 1]),
    ([2, 1, 2, 1], [2, 1, 3]), ([2, 3, 4, 5, 6], [3, 1, 5, 1]), ([700, 300], [300]),
    ([300], [700, 300]), ([700, 300], [700, 1]), ([], [100_000]), ([5, 300, 70], [5, 1, 70]),
    ([5, 300, 70], [1, 300, 1]), ([13, 1, 1], [13, 257, 129]), ([2, 513, 1], [2, 1, 770]),
    ([3, 20_001], [3, 1]), ([0, 3], [3]), ([3, 0], [1, 1]), ([2, 0, 3], [2, 1, 3]),
  ]

  static let operators: [@Sendable (Tensor, Tensor) -> Tensor] = [
    { $0 + $1 }, { $0 - $1 }, { $0 * $1 }, { $0 / $1 },
  ]

  @Test(arguments: pairs, [DType.float32, .bfloat16])
  func sameBitsAsOfCopies(shapes: (Shape, Shape), dtype: DType) {
    let a = Tensor.normal(shapes.0, seed: 1).cast(to: dtype)
    let b = Tensor.normal(shapes.1, seed: 2).cast(to: dtype)
    for (number, op) in Self.operators.enumerated() {
      let (y, da, db) = Self.gradients(of: op, a, b)
      let (whole, wholeA, wholeB) = Self.gradients(
        of: { op($0.broadcast(to: y.shape), $1.broadcast(to: y.shape)) }, a, b)
      #expect(y.scalars == whole.scalars, "operator \(number)")
      #expect(da.scalars == wholeA.scalars && da.dtype == dtype, "operator \(number)")
      #expect(db.scalars == wholeB.scalars && db.dtype == dtype, "operator \(number)")
    }
  }

  private static func gradients(
    of op: (Tensor, Tensor) -> Tensor, _ a: Tensor, _ b: Tensor
  ) -> (y: Tensor, da: Tensor, db: Tensor) {
    let (a, b) = (a.tracked(), b.tracked())
    let y = op(a, b)
    let found = y.gradients(along: .normal(y.shape, seed: 3).cast(to: y.dtype))
    return (y, found[a]!, found[b]!)
  }

  /// Gradients of small operands, too, come without a second large tensor.
  @Test(arguments: [[1, 1024], [1024, 1], [1, 1]])
  func nothingLargeIsMade(of small: [Int]) async {
    await #expect(processExitsWith: .success) { [small] in
      let (large, margin) = (1024 * 1024 * 4, 1024 * 64)
      let x = Tensor.ones([1024, 1024])
      let (factor, direction) = (Tensor.ones(Shape(small)).tracked(), Tensor.ones(x.shape))
      let before = MemoryStatistics.current.inUse
      let y = x.tracked() * factor
      #expect(MemoryStatistics.current.inUse <= before + large + margin)
      let z = x * factor
      let held = MemoryStatistics.current.inUse
      #expect(held <= before + 2 * large + margin)
      #expect(z.gradients(along: direction)[factor] != nil)
      #expect(MemoryStatistics.current.peak <= held + margin)
      withExtendedLifetime((x, y, z)) {}
    }
  }
}
