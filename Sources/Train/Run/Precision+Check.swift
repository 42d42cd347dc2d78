import Tensor

extension Precision {
  /// Checks that a machine multiplies in this precision.
  /// - Throws: `RunError.precision`.
  public func check(on machine: Machine = .current) throws {
    guard isFast(on: machine.features) else {
      throw RunError.precision(self, cpu: machine.cpu)
    }
  }
}
