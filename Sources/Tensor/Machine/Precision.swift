/// The number format of the activations of a pass. It is a choice of the pass, not of the model.
///
/// In both formats parameters, their gradients, the optimiser's state, the statistics of norms,
/// softmax and losses are `float32`, and every sum is taken in `float32`.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// Everything in `float32`.
  case fp32
  /// Operands of products and activations kept for the backward pass are `bfloat16`. Takes half the
  /// memory, and half the time where the CPU has `bfloat16` products.
  case bf16

  /// The type of the activations.
  public var activations: DType {
    switch self {
    case .fp32: .float32
    case .bf16: .bfloat16
    }
  }

  /// Whether this precision is fast on a CPU with these features (`Machine.features`).
  public func isFast(on features: [String]) -> Bool {
    self == .fp32 || features.contains("avx512_bf16") || features.contains("amx_bf16")
  }
}
