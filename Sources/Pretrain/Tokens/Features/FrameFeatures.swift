import Settings
import Tensor

/// Features of a crop as a recipe asks for them, which tokens or a regression are computed from.
///
/// A new kind is a file with a configuration that conforms, and a property of `StreamFeatures`.
public protocol FrameFeatures: Configuration {
  /// Numbers of a frame.
  var width: Int { get }
  /// The features that these are derived from; these themselves unless given, which are computed from samples. Streams
  /// with the same source share it.
  var source: any FrameFeatures { get }

  /// Checks that they suit a sample rate and a distance from frame to frame. The error names settings of the
  /// features, and in `others` of the recipe.
  func validate(sampleRate: Int, hopLength: Int) throws(InvalidSetting)
  /// What computes frames of mono samples, `[L] -> [T, width]`: frame `t` belongs to the samples from `t · hopLength`
  /// on, and there are at least `L / hopLength` of them.
  ///
  /// - Parameters:
  ///   - sampleRate: Of the samples, Hz.
  ///   - hopLength: Samples from frame to frame.
  ///   - isNormalized: Whether the samples are of files that were brought to mean 0 and variance 1.
  /// - Throws: If a file that it is made from is missing or does not fit.
  func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) throws -> @Sendable (_ samples: [Float]) -> Tensor
  /// What they depend on beside the recipe: the content of files.
  /// - Throws: If a file is missing or damaged.
  func identity() throws -> [String]
  /// These features of frames of the source, `[T, W] -> [T, width]`.
  func derived(from frames: Tensor) -> Tensor
}

extension FrameFeatures {
  /// These features themselves.
  public var source: any FrameFeatures { self }
  /// Every rate.
  public func validate(sampleRate: Int, hopLength: Int) throws(InvalidSetting) {}
  /// On nothing.
  public func identity() throws -> [String] { [] }
  /// The source's, unchanged.
  public func derived(from frames: Tensor) -> Tensor { frames }

  /// Whether both are of one kind and equal.
  func isEqual(to other: any FrameFeatures) -> Bool { (other as? Self) == self }
}
