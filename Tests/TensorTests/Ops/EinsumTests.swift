import Tensor
import TestSupport
import Testing

@Suite struct EinsumTests {
  struct Sum: Sendable, CustomTestStringConvertible {
    let formula: String
    let a: Shape
    let b: Shape
    init(_ formula: String, _ a: Shape, _ b: Shape) {
      (self.formula, self.a, self.b) = (formula, a, b)
    }
    var testDescription: String { formula }
  }

  /// Products of matrices and stacks in every order of axes, outer and inner products, axes that only
  /// one operand has, several axes of a kind, nothing.
  static let sums = [
    Sum("ij,jk->ik", [3, 5], [5, 2]), Sum("ji,kj->ki", [5, 3], [2, 5]),
    Sum("bqd,bkd->bqk", [2, 3, 5], [2, 4, 5]), Sum("bqk,bkd->bqd", [2, 3, 4], [2, 4, 5]),
    Sum("bqhd,bkhd->bhqk", [2, 3, 2, 5], [2, 4, 2, 5]), Sum("i,j->ij", [3], [4]),
    Sum("i,j->ji", [3], [4]), Sum("i,i->", [7], [7]), Sum("i,i->i", [7], [7]),
    Sum("ij,j->i", [3, 5], [5]), Sum("ij,kl->", [2, 3], [4, 2]), Sum("ijk,j->k", [2, 3, 4], [3]),
    Sum("ijk,kji->", [2, 3, 4], [4, 3, 2]), Sum("ab,ab->ba", [3, 4], [3, 4]),
    Sum("btd,d->bt", [0, 3, 5], [5]), Sum("ij,jk->ik", [1, 1], [1, 1]),
    Sum(" ij , jk -> ik ", [2, 0], [0, 3]), Sum(",i->i", [], [3]),
  ]

  /// Against the sum itself, in double precision.
  @Test(arguments: sums)
  func equalsTheSum(sum: Sum) {
    let (a, b) = (Tensor.normal(sum.a, seed: 1), Tensor.normal(sum.b, seed: 2))
    expectClose(.einsum(sum.formula, a, b), Self.naive(sum.formula, a, b), relative: 1e-6)
  }

  @Test(arguments: sums)
  func gradients(sum: Sum) {
    expectGradients(
      of: { .einsum(sum.formula, $0[0], $0[1]) },
      at: [.normal(sum.a, seed: 1), .normal(sum.b, seed: 2)])
  }

  @Test func attentionScores() {
    let (q, k) = (Tensor.normal([2, 3, 5], seed: 1), Tensor.normal([2, 4, 5], seed: 2))
    #expect(
      Tensor.einsum("bqd,bkd->bqk", q, k).scalars
        == q.matmul(k, transposingRight: true).scalars)
    let half = Tensor.einsum("bqd,bkd->bqk", q.cast(to: .bfloat16), k.cast(to: .bfloat16))
    #expect(half.dtype == .bfloat16)
  }

  /// Goes through all values of all letters.
  private static func naive(_ formula: String, _ a: Tensor, _ b: Tensor) -> Tensor {
    let sides = formula.filter { $0 != " " }.split(
      separator: "->", omittingEmptySubsequences: false)
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    let result = Array(sides[1])
    var lengths: [Character: Int] = [:]
    for (axes, x) in zip(operands, [a, b]) {
      for (axis, length) in zip(axes, x.shape) { lengths[axis] = length }
    }
    let letters = lengths.keys.sorted()
    let (x, y) = (a.scalars, b.scalars)
    var sums = [Double](repeating: 0, count: result.reduce(1) { $0 * lengths[$1]! })
    for number in 0..<letters.reduce(1, { $0 * lengths[$1]! }) {
      var (rest, at) = (number, [Character: Int]())
      for letter in letters {
        at[letter] = rest % lengths[letter]!
        rest /= lengths[letter]!
      }
      func place(_ axes: [Character]) -> Int { axes.reduce(0) { $0 * lengths[$1]! + at[$1]! } }
      sums[place(result)] += Double(x[place(operands[0])]) * Double(y[place(operands[1])])
    }
    return Tensor(sums.map { Float($0) }, shape: Shape(result.map { lengths[$0]! }))
  }
}
