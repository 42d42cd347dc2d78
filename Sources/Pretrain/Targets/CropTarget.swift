import Tensor

/// Something computed from the clean audio of a crop while it is made, which a head predicts.
public protocol CropTarget: Sendable {
  /// - Parameter samples: One crop, `[L]`, at the level at which the encoder takes it.
  /// - Returns: `[T, W]`, a row for each of the encoder's frames; float32, or int32 for codes.
  func callAsFunction(_ samples: [Float]) -> Tensor
}
