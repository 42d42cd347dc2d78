import Tensor

/// For parameters that are about to be read from a file: nothing is drawn, which for a large model
/// would cost seconds, and no memory touched.
package struct BlankGenerator: RandomNumberGenerator {
  package init() {}
  package mutating func next() -> UInt64 { 0 }
}

extension Tensor {
  /// Normal draws with mean 0.
  static func initial(
    _ shape: Shape, deviation: Float, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if generator is BlankGenerator { return .unset(shape) }
    return .normal(shape, standardDeviation: deviation, using: &generator)
  }

  /// Uniform draws from ±1/√`fanIn`, PyTorch's default for linear maps and convolutions.
  package static func initial(
    _ shape: Shape, fanIn: Int, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if generator is BlankGenerator { return .unset(shape) }
    let bound = 1 / Float(fanIn).squareRoot()
    return .uniform(shape, in: -bound..<bound, using: &generator)
  }
}
