import Tensor

extension Precision {
  /// What a user should know who computes in this precision on this machine, in a sentence; nil where it
  /// is as fast as it can be.
  public func warning(on machine: Machine = .current) -> String? {
    guard !isFast(on: machine.features) else { return nil }
    let cause =
      Machine.oneDNNLimit.map { "\($0) hides the CPU's products of \(rawValue); unset it" }
      ?? "this CPU (\(machine.cpu)) has no products of \(rawValue) that are used here"
    return "\(cause): steps take about as long as in fp32, and the activations half the memory"
  }
}
