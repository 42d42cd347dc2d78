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

  @Test func rootAndReciprocal() {
    let positive = Self.all.filter { $0 > 0 }
    #expect(Self.worstUlp(etude_sqrt, at: positive) { $0.squareRoot() }.error <= 2)
    #expect(Self.worstUlp(etude_reciprocal, at: positive) { 1 / $0 }.error <= 2)
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

  /// Neither clamping nor the vectors' remainders may swallow a NaN.
  @Test func nanGoesThrough() {
    let x = [Float](repeating: .nan, count: 19)
    for kernel in [etude_exp, etude_log, etude_sqrt, etude_reciprocal, etude_gelu] as [Kernel] {
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
    for kernel in [etude_exp, etude_gelu, etude_sqrt, etude_reciprocal] as [Kernel] {
      let whole = Self.apply(kernel, to: x)
      let pieces = [0..<1, 1..<18, 18..<49, 49..<67].flatMap {
        Self.apply(kernel, to: Array(x[$0]))
      }
      #expect(zip(whole, pieces).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    }
  }

  static func normalDistribution(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }
}
