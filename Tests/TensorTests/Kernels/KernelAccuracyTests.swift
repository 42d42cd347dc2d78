import Foundation
import Kernels
import Testing

/// The accuracy that `Kernels.h` states, over the whole range of float.
@Suite struct KernelAccuracyTests {
  typealias Kernel = (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void

  /// About a million floats of every exponent and both signs, no NaN.
  static let all: [Float] = stride(from: UInt64(0), to: 1 << 32, by: 4093).map {
    Float(bitPattern: UInt32($0))
  }.filter { !$0.isNaN }

  static func apply(_ kernel: Kernel, to x: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: x.count) { y, count in
      kernel(y.baseAddress!, x, x.count)
      count = x.count
    }
  }

  /// The worst distance to `exact` in units of the exact value's last place, and where.
  static func worstUlp(
    _ kernel: Kernel, at x: [Float], exact: (Double) -> Double
  ) -> (error: Double, x: Float) {
    worst(kernel, at: x) { y, x in
      let reference = exact(Double(x))
      let rounded = Float(reference)
      if rounded == y { return 0 }
      let unit = rounded.isFinite ? Double(rounded.ulp) : 1
      return abs(Double(y) - reference) / unit
    }
  }

  static func worst(
    _ kernel: Kernel, at x: [Float], error: (_ y: Float, _ x: Float) -> Double
  ) -> (error: Double, x: Float) {
    var worst = (error: 0.0, x: Float(0))
    for (y, x) in zip(apply(kernel, to: x), x) {
      let e = error(y, x)
      if !(e <= worst.error) { worst = (e, x) }
    }
    return worst
  }

  @Test func exponential() {
    let (error, x) = Self.worstUlp(etude_exp, at: Self.all) { Foundation.exp($0) }
    #expect(error <= 2, "at \(x)")
  }

  @Test func logarithm() {
    let (error, x) = Self.worstUlp(etude_log, at: Self.all.filter { $0 > 0 }) {
      Foundation.log($0)
    }
    #expect(error <= 2, "at \(x)")
  }

  @Test func root() {
    let positive = Self.all.filter { $0 > 0 }
    #expect(Self.worstUlp(etude_sqrt, at: positive) { $0.squareRoot() }.error <= 2)
  }

  @Test func geluOfPositives() {
    let (error, x) = Self.worstUlp(etude_gelu, at: Self.all.filter { $0 > 0 }) {
      $0 * Self.normalDistribution($0)
    }
    #expect(error <= 3, "at \(x)")
  }

  @Test func geluOfNegatives() {
    let negative = Self.all.filter { $0 < 0 && $0.isFinite }
    let (error, x) = Self.worst(etude_gelu, at: negative) { y, x in
      // In the subnormal range half a last place is more than the relative bound.
      let distance = abs(Double(y) - Double(x) * Self.normalDistribution(Double(x)))
      return distance / max(Double(-x), Double(Float.leastNormalMagnitude))
    }
    #expect(error <= 2e-7, "at \(x)")
  }

  @Test func geluGradient() {
    let gradient: Kernel = { dx, x, n in
      etude_gelu_gradient(dx, x, Array(repeating: 1, count: n), n)
    }
    let (error, x) = Self.worst(gradient, at: Self.all.filter(\.isFinite)) { y, x in
      let x = Double(x)
      let density = Foundation.exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
      return abs(Double(y) - (Self.normalDistribution(x) + x * density))
    }
    #expect(error <= 3e-7, "at \(x)")
  }

  /// A function's name, its kernel, the exact value, the bound in units of the last place, and
  /// where.
  struct Function: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kernel: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    let ulp: Double
    var range: ClosedRange<Float> = -.infinity ... .infinity
    let exact: @Sendable (Double) -> Double
  }

  static let functions = [
    Function(testDescription: "tanh", kernel: etude_tanh, ulp: 2) { Foundation.tanh($0) },
    Function(testDescription: "sigmoid", kernel: etude_sigmoid, ulp: 3) {
      1 / (1 + Foundation.exp(-$0))
    },
    Function(
      testDescription: "silu", kernel: etude_silu, ulp: 4,
      range: -87 ... .infinity
    ) { $0 / (1 + Foundation.exp(-$0)) },
    Function(testDescription: "softplus", kernel: etude_softplus, ulp: 3) {
      Swift.max($0, 0) + Foundation.log1p(Foundation.exp(-Swift.abs($0)))
    },
    Function(testDescription: "elu", kernel: { etude_elu($0, $1, 1, $2) }, ulp: 2) {
      $0 > 0 ? $0 : Foundation.expm1($0)
    },
    Function(testDescription: "sin", kernel: etude_sin, ulp: 1) { Foundation.sin($0) },
    Function(testDescription: "cos", kernel: etude_cos, ulp: 1) { Foundation.cos($0) },
    raised(to: 0), raised(to: 1), raised(to: 2), raised(to: 3), raised(to: -1), raised(to: -2),
    raised(to: 0.5), raised(to: -0.5), raised(to: 1 / 3), raised(to: 2.75), raised(to: 1e-3),
    raised(to: 37), raised(to: 1e6), raised(to: -1e30),
  ]

  static func raised(to power: Float) -> Function {
    let isWhole = power == power.rounded()
    return Function(
      testDescription: "raised to \(power)", kernel: { etude_raise($0, $1, power, $2) }, ulp: 1,
      range: (isWhole ? -.infinity : 0) ... .infinity
    ) { Foundation.pow($0 == 0 ? 0 : $0, Double(power)) }
  }

  @Test(arguments: functions)
  func everywhere(_ function: Function) {
    let x = Self.all.filter { function.range.contains($0) }
    let (error, worst) = Self.worstUlp(function.kernel, at: x, exact: function.exact)
    #expect(error <= function.ulp, "at \(worst)")
  }

  /// Angles that only the C library computes, among others.
  @Test func largeAngles() {
    let x: [Float] = [1, 1e6, 1.1e6, -3e7, 2, 3e38, -.greatestFiniteMagnitude]
    #expect(Self.apply(etude_sin, to: x) == x.map { Float(Foundation.sin(Double($0))) })
    #expect(Self.apply(etude_cos, to: x) == x.map { Float(Foundation.cos(Double($0))) })
  }

  /// The exponential is subnormal there.
  @Test func siluFarBelow() {
    let (error, x) = Self.worst(etude_silu, at: Self.all.filter { $0 < -87 }) { y, x in
      let x = Swift.max(Double(x), -700)
      return Swift.abs(Double(y) - x / (1 + Foundation.exp(-x)))
    }
    #expect(error <= 100 * Double(Float.leastNonzeroMagnitude), "at \(x)")
  }

  @Test func siluGradient() {
    let gradient: Kernel = { dx, x, n in
      etude_silu_gradient(dx, x, Array(repeating: 1, count: n), n)
    }
    let (error, x) = Self.worst(gradient, at: Self.all) { y, x in
      let x = Swift.min(Swift.max(Double(x), -700), 700)
      let sigmoid = 1 / (1 + Foundation.exp(-x))
      return Swift.abs(Double(y) - sigmoid * (1 + x * (1 - sigmoid)))
    }
    #expect(error <= 5e-7, "at \(x)")
  }

  /// Neither clamping nor the vectors' remainders may swallow a NaN.
  @Test func nanGoesThrough() {
    let x = [Float](repeating: .nan, count: 19)
    let older = [etude_exp, etude_log, etude_sqrt, etude_gelu] as [Kernel]
    for kernel in older + [etude_relu, etude_abs] + Self.functions.map({ $0.kernel as Kernel }) {
      #expect(Self.apply(kernel, to: x).filter(\.isNaN).count == 19)
    }
  }

  @Test func infinities() {
    let x: [Float] = [-.infinity, .infinity]
    #expect(Self.apply(etude_exp, to: x) == [0, .infinity])
    #expect(Self.apply(etude_log, to: [0, .infinity]) == [-.infinity, .infinity])
    #expect(Self.apply(etude_gelu, to: [.infinity]) == [.infinity])
  }

  /// The same element gives the same bits in a vector's body and in its remainder.
  @Test func cutsLeaveNoTrace() {
    let x = (0..<67).map { Float($0) * 0.13 - 4 }
    let older = [etude_exp, etude_gelu, etude_sqrt] as [Kernel]
    for kernel in older + Self.functions.map({ $0.kernel as Kernel }) {
      let whole = Self.apply(kernel, to: x)
      let pieces = [0..<1, 1..<18, 18..<49, 49..<67].flatMap {
        Self.apply(kernel, to: Array(x[$0]))
      }
      #expect(zip(whole, pieces).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    }
  }

  static func normalDistribution(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }
}
