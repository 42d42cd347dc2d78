import Tensor
import TestSupport
import Testing

@Suite struct FunctionTests {
  @Test(arguments: [[1], [17], [3, 5], [2, 1, 9], [0, 4]] as [Shape])
  func gradients(shape: Shape) {
    let x = Tensor.normal(shape, seed: 1)
    let positive = x.squared() + 0.5
    expectGradients(of: { $0[0].exp() }, at: [x * 0.5])
    expectGradients(of: { $0[0].log() }, at: [positive])
    expectGradients(of: { $0[0].squareRoot() }, at: [positive])
    expectGradients(of: { $0[0].squared() }, at: [x])
    expectGradients(of: { $0[0].gelu() }, at: [x * 2])
  }

  static let extremes = Tensor([-.infinity, -1e30, -80, -0.0, 0, 80, 1e30, .infinity, .nan])

  /// What each gives for these, and its slope.
  struct Limits: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let function: @Sendable (Tensor) -> Tensor
    let values: [Float]
    let slopes: [Float]
  }

  static let limits = [
    Limits(
      testDescription: "tanh", function: { $0.tanh() }, values: [-1, -1, -1, 0, 0, 1, 1, 1],
      slopes: [0, 0, 0, 1, 1, 0, 0, 0]),
    Limits(
      testDescription: "sigmoid", function: { $0.sigmoid() },
      values: [0, 0, 1.804_851e-35, 0.5, 0.5, 1, 1, 1],
      slopes: [0, 0, 1.804_851e-35, 0.25, 0.25, 0, 0, 0]),
    Limits(
      testDescription: "softplus", function: { $0.softplus() },
      values: [0, 0, 1.804_851e-35, 0.693_147_2, 0.693_147_2, 80, 1e30, .infinity],
      slopes: [0, 0, 1.804_851e-35, 0.5, 0.5, 1, 1, 1]),
    Limits(
      testDescription: "silu", function: { $0.silu() },
      values: [0, 0, -1.443_881e-33, 0, 0, 80, 1e30, .infinity],
      slopes: [0, 0, -1.425_833e-33, 0.5, 0.5, 1, 1, 1]),
    Limits(
      testDescription: "relu", function: { $0.relu() },
      values: [0, 0, 0, 0, 0, 80, 1e30, .infinity], slopes: [0, 0, 0, 0, 0, 1, 1, 1]),
    Limits(
      testDescription: "elu", function: { $0.elu() },
      values: [-1, -1, -1, 0, 0, 80, 1e30, .infinity], slopes: [0, 0, 0, 1, 1, 1, 1, 1]),
    Limits(
      testDescription: "abs", function: { $0.abs() },
      values: [.infinity, 1e30, 80, 0, 0, 80, 1e30, .infinity],
      slopes: [-1, -1, -1, 0, 0, 1, 1, 1]),
    Limits(
      testDescription: "clamped", function: { $0.clamped(lower: -80, upper: 2) },
      values: [-80, -80, -80, 0, 0, 2, 2, 2], slopes: [0, 0, 0, 1, 1, 0, 0, 0]),
    Limits(
      testDescription: "squared", function: { $0.raised(to: 2) },
      values: [.infinity, .infinity, 6400, 0, 0, 6400, .infinity, .infinity],
      slopes: [-.infinity, -2e30, -160, 0, 0, 160, 2e30, .infinity]),
    Limits(
      testDescription: "raised to 0", function: { $0.raised(to: 0) },
      values: Array(repeating: 1, count: 8), slopes: Array(repeating: 0, count: 8)),
  ]

  @Test(arguments: limits)
  func extremes(_ limits: Limits) throws {
    let x = Self.extremes.tracked()
    let y = limits.function(x)
    let slopes = try #require(y.sum().gradients()[x])
    #expect(y.scalars.last?.isNaN == true)
    let count = limits.values.count
    for (found, wanted) in [(y, limits.values), (slopes, limits.slopes)] {
      for (a, b) in zip(found.scalars.prefix(count), wanted) {
        #expect(a == b || Swift.abs(a - b) <= 2e-6 * Swift.abs(b))
      }
    }
  }

  @Test func aGateThatIsShutLetsNothingThrough() {
    let x = Tensor([3, -2, -.infinity, 1e30], shape: [1, 4]).tracked()
    let y = x.glu()
    #expect(y.scalars == [0, -2])
    #expect(y.sum().gradients()[x]?.scalars == [0, 1, 0, 0])
  }

  @Test func edgesOfTheRange() {
    let x = Tensor([-.infinity, -1, 0, .infinity, .nan])
    #expect(x.exp().scalars.map(\.isNaN) == [false, false, false, false, true])
    #expect(x.exp().scalars[0] == 0 && x.exp().scalars[3] == .infinity)
    #expect(x.log().scalars.map(\.isNaN) == [true, true, false, false, true])
    #expect(x.log().scalars[2] == -.infinity && x.log().scalars[3] == .infinity)
  }
}
