import Kernels
import TestSupport
import Testing

/// Products of bfloat16 pairs against sums in Double. On CPUs with AMX `etude_tall_product_pairs` has tiles of its own.
@Suite(.enabled(if: etude_multiplies_pairs() != 0, "this CPU has no products of bfloat16 pairs"))
struct PairProductTests {
  /// A product of `rows` by `columns` sums over `pairs` pairs; the left operand is read transposed or not.
  struct Problem {
    let rows: Int, columns: Int, pairs: Int
    var transposed = false
    /// Pairs after the last one, all zeros.
    var zeros = 0

    var inner: Int { pairs + zeros }
    /// Rows of memory are longer than the matrices, to no multiple of a tile.
    var leftStride: Int { transposed ? rows + 5 : inner + 3 }
    var rightStride: Int { columns + 16 }
    var resultStride: Int { columns + 7 }

    /// Whether the order of a sum changes its last bits.
    var rounds = false

    /// A bfloat16: a whole number of quarters, of which every sum is exact, or one of any exponent.
    private func number(_ index: Int, _ row: Int) -> Float {
      let hash = (index * 37 + row * 101) % 331
      return rounds
        ? Float(bitPattern: UInt32(0x3E00 + hash) << 16) * (hash % 2 == 0 ? 1 : -1)
        : Float(hash % 33 - 16) / 4
    }

    func left(_ row: Int, _ k: Int) -> Float { k < 2 * pairs ? number(k, row) : 0 }
    func right(_ k: Int, _ column: Int) -> Float { k < 2 * pairs ? number(column, k + 7) : 0 }

    private func pair(_ first: Float, _ second: Float) -> UInt32 {
      first.bitPattern >> 16 | second.bitPattern & 0xFFFF_0000
    }

    private var leftPairs: [UInt32] {
      var all = [UInt32](repeating: 0, count: leftStride * (transposed ? inner : rows))
      for row in 0..<rows {
        for k in 0..<inner {
          all[transposed ? k * leftStride + row : row * leftStride + k] =
            pair(left(row, 2 * k), left(row, 2 * k + 1))
        }
      }
      return all
    }

    private var rightPairs: [UInt32] {
      (0..<inner * rightStride).map { place in
        let (k, column) = (2 * (place / rightStride), place % rightStride)
        return pair(right(k, column), right(k + 1, column))
      }
    }

    /// The result for some rows, added to 1 if `keeping`; rows in memory end in numbers that are not the product's.
    func result(rows part: Range<Int>? = nil, keeping: Bool = false) -> [Float] {
      let part = part ?? 0..<rows
      var sums = [Float](repeating: 1, count: rows * resultStride)
      let (rowStep, step) = transposed ? (1, leftStride) : (leftStride, 1)
      leftPairs.withUnsafeBufferPointer { a in
        sums.withUnsafeMutableBufferPointer { c in
          etude_tall_product_pairs(
            part.count, columns, inner, c.baseAddress! + part.lowerBound * resultStride,
            resultStride, a.baseAddress! + part.lowerBound * rowStep, rowStep, step, rightPairs,
            rightStride, keeping ? 1 : 0)
        }
      }
      return sums
    }

    func exact(_ row: Int, _ column: Int) -> Float {
      (0..<2 * pairs).reduce(0) { $0 + left(row, $1) * right($1, column) }
    }
  }

  static let sizes = [1, 5, 15, 16, 17, 33, 96].flatMap { rows in
    [(16, 1), (48, 16), (64, 17), (128, 40)].map { (rows, $0.0, $0.1) }
  }

  /// All sums of these numbers are exact in float.
  @Test(arguments: sizes, [false, true])
  func equalsItsDefinition(size: (Int, Int, Int), transposed: Bool) {
    let problem = Problem(rows: size.0, columns: size.1, pairs: size.2, transposed: transposed)
    for keeping in [false, true] {
      let sums = problem.result(keeping: keeping)
      for row in 0..<problem.rows {
        for column in 0..<problem.resultStride {
          let sum = column < problem.columns ? problem.exact(row, column) : 1
          let expected = column < problem.columns && keeping ? sum + 1 : sum
          #expect(sums[row * problem.resultStride + column] == expected)
        }
      }
    }
  }

  /// A sum has the same bits wherever the rows are cut, and whatever zeros follow its last pair.
  @Test(arguments: [false, true])
  func bitsDependOnThePairsAlone(transposed: Bool) {
    let whole = Problem(rows: 53, columns: 64, pairs: 45, transposed: transposed, rounds: true)
    let sums = whole.result()
    var cut = whole.result(rows: 0..<11)
    let rest = 11 * whole.resultStride
    cut.replaceSubrange(rest..., with: whole.result(rows: 11..<53)[rest...])
    #expect(cut == sums)
    for zeros in [1, 3, 40] {
      let longer = Problem(
        rows: 53, columns: 64, pairs: 45, transposed: transposed, zeros: zeros, rounds: true)
      #expect(longer.result() == sums)
    }
  }
}
