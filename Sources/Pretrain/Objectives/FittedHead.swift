import Models
import Tensor

/// A head with state that is fitted to the collection before the first step, such as statistics and quantisers. They
/// are its buffers, so a checkpoint keeps them.
public protocol FittedHead: Head {
  /// Fits the state.
  ///
  /// - Parameters:
  ///   - sample: What the head's `CropTarget` computed of crops of the collection, `[N, W]`.
  ///   - seed: Decides what is random.
  /// - Throws: If there is nothing to predict.
  mutating func fit(to sample: Tensor, seed: UInt64) throws
}

/// The setting of a head that is fitted.
public protocol FittedHeadSetting: HeadSetting {
  /// The most frames of the collection that it is fitted to.
  var fitFrames: Int { get }
}
