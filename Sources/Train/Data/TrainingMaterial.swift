import Audio

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

  /// Audio, its labels, and the order of an epoch.
  public init(
    _ audio: any AudioSource, labels: (any CropLabels)? = nil, order: EpochOrder = .keyed,
    shares: [CropShare] = []
  ) {
    (self.audio, self.labels, self.order, self.shares) = (audio, labels, order, shares)
  }
}
