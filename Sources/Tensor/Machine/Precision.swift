/// The numbers that a pass through a model computes in: a choice of the pass, not of the model.
///
/// Either way parameters, their gradients, the optimiser's state, the statistics of norms, softmax and
/// losses are `float32`, and every sum is taken in `float32`.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// Everything in `float32`.
  case fp32
  /// Operands of products and what is kept for the backward pass in `bfloat16`: half the memory, and
  /// twice the speed where the CPU multiplies such numbers.
  case bf16

  /// The type of what flows from one operation to the next.
  public var activations: DType {
    switch self {
    case .fp32: .float32
    case .bf16: .bfloat16
    }
  }

  /// Whether a CPU with these features (`Machine.features`) gains by it.
  public func isFast(on features: [String]) -> Bool {
    self == .fp32 || features.contains("avx512_bf16") || features.contains("amx_bf16")
  }
}
