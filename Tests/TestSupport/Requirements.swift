import Tensor
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test of training in bf16 where that is refused.
  public static var needsBF16: Self {
    .enabled(
      if: Precision.bf16.isFast(on: Machine.current.features),
      "this CPU multiplies no bf16, or oneDNN may not")
  }
}
