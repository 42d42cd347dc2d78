import ArgumentParser
import Tensor
import Train

extension Precision: ExpressibleByArgument {}

extension Precision {
  /// Warns on standard error if this machine is slow in it.
  func warn() {
    if let warning = warning() { note("warning: \(warning)") }
  }
}
