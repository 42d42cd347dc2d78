import Tensor

/// What one pass of masked pre-training learns from: crops of equal length and the targets for them.
public struct Batch: Sendable {
  /// Clean crops, `[B, L]`.
  public var audio: Tensor
  /// The global number of every crop: with the seed it decides all that is random about it.
  public var samples: [Int]
  /// The number of the file that each crop is cut from.
  public var files: [Int]
  /// One list for each label set, a code for every frame of every crop, row by row, `B · T`.
  public var codes: [[Int32]]
  /// What `CropTarget`s computed of the clean crops, by the name of the head that predicts it, `[B, T, W]`.
  public var targets: [String: Tensor]

  /// All of them; every crop is of a file of its own unless files are given.
  public init(
    audio: Tensor, samples: [Int], files: [Int]? = nil, codes: [[Int32]] = [],
    targets: [String: Tensor] = [:]
  ) {
    (self.audio, self.samples, self.codes, self.targets) = (audio, samples, codes, targets)
    self.files = files ?? Array(samples.indices)
  }
}
