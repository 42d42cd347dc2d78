import Audio
import Cluster

/// What the batches of a run are made from.
public struct TrainingMaterial: Sendable {
  /// The audio, at the model's rate.
  public var audio: any AudioSource
  /// The teachers' labels of the audio; nil without label sets.
  public var labels: (any CropLabels)?
  /// The order in which an epoch visits the crops.
  public var order: EpochOrder
  /// Collections whose crops come in proportion to weights; empty if every crop comes once an epoch.
  public var shares: [CropShare]
  /// The ranks that share the batches of a step.
  public var ranks: Ranks

  /// Audio, its labels, the order of an epoch, and who shares the batches.
  public init(
    _ audio: any AudioSource, labels: (any CropLabels)? = nil, order: EpochOrder = .keyed,
    shares: [CropShare] = [], ranks: Ranks = .alone
  ) {
    (self.audio, self.labels, self.order, self.shares) = (audio, labels, order, shares)
    self.ranks = ranks
  }
}
