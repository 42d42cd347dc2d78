import Tensor
import TestSupport
import Testing

@Suite struct AdamWTests {
  static let count = 1037

  /// Ten steps against the formula in double precision, one element after the other.
  @Test func equalsTheFormula() {
    var parameter = Tensor.normal([Self.count], seed: 1)
    var (m, v) = (Tensor.zeros([Self.count]), Tensor.zeros([Self.count]))
    var expected = parameter.scalars.map { Reference(p: Double($0)) }
    for step in 1...10 {
      let gradient = Tensor.normal([Self.count], seed: UInt64(10 + step))
      parameter.adamW(
        gradient: gradient, firstMoment: &m, secondMoment: &v, Self.numbers(step: step))
      for (i, g) in gradient.scalars.enumerated() { expected[i].update(Double(g), step: step) }
    }
    expectClose(parameter, Tensor(expected.map { Float($0.p) }), relative: 1e-6)
    expectClose(m, Tensor(expected.map { Float($0.m) }), relative: 1e-6)
    expectClose(v, Tensor(expected.map { Float($0.v) }), relative: 1e-6)
  }

  /// A copy made before the step, as a teacher or a checkpoint holds one, keeps its value.
  @Test func copiesStay() {
    var parameter = Tensor.ones([3])
    let before = parameter
    var (m, v) = (Tensor.zeros([3]), Tensor.zeros([3]))
    parameter.adamW(
      gradient: .ones([3]), firstMoment: &m, secondMoment: &v, Self.numbers(step: 1))
    #expect(before.scalars == [1, 1, 1] && parameter.scalars != before.scalars)
  }

  @Test func sumOfSquares() {
    #expect(Tensor([3, 4]).sumOfSquares() == 25 && Tensor.zeros([0]).sumOfSquares() == 0)
    let million = Tensor.full([1 << 20], 0.5).sumOfSquares()
    #expect(million == Double(1 << 18))
  }

  static func numbers(step: Int) -> AdamWUpdate {
    AdamWUpdate(
      gradientScale: 0.5, rate: 0.01, correction: Float(Reference.correction(step: step)),
      beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1)
  }

  /// fairseq's `adam.py` with decoupled decay, in double precision.
  struct Reference {
    var p: Double
    var m = 0.0
    var v = 0.0

    static func correction(step: Int) -> Double {
      let (decay1, decay2) = (power(0.9, step), power(0.98, step))
      return (1 - decay2).squareRoot() / (1 - decay1)
    }

    static func power(_ base: Double, _ exponent: Int) -> Double {
      (0..<exponent).reduce(1) { product, _ in product * base }
    }

    mutating func update(_ gradient: Double, step: Int) {
      let g = 0.5 * gradient
      m = 0.9 * m + 0.1 * g
      v = 0.98 * v + 0.02 * g * g
      p -= 0.01 * 0.1 * p
      p -= 0.01 * Self.correction(step: step) * m / (v.squareRoot() + 1e-6)
    }
  }
}
