import Benchmarks
import Foundation
import Tensor
import Train

/// The share of the machine's fastest product that a training reaches. The product is measured once, for a
/// fifth of a second, after a minute of training: short trainings do without.
final class PeakShare {
  private let operations: Double
  private let precision: Precision
  private let start = Date()
  private static let patience = 60.0
  private lazy var peak = ProductBenchmark.peak(of: precision)

  /// - Parameters:
  ///   - operations: Those of the products of a step.
  ///   - precision: Of the operands.
  init(_ operations: Double, _ precision: Precision) {
    self.operations = operations
    self.precision = precision.warning() == nil ? precision : .fp32
  }

  /// The share, from 0 to 1; nil in the first minute.
  func share(secondsPerStep: Double) -> Double? {
    guard Date().timeIntervalSince(start) > Self.patience else { return nil }
    return operations / secondsPerStep / (peak * 1e9)
  }
}
