import Tensor

/// What bends the numbers between two maps.
public enum Activation: String, Codable, Sendable, CaseIterable {
  /// `x σ(x)`, also called swish.
  case silu
  /// `x Φ(x)`, where `Φ` is the normal distribution function.
  case gelu

  /// Applies it, element by element.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .silu: x.silu()
    case .gelu: x.gelu()
    }
  }

  /// Two maps with it between.
  public var feedForward: any FeedForward.Type {
    switch self {
    case .silu: SiLUFeedForward.self
    case .gelu: GELUFeedForward.self
    }
  }
}
