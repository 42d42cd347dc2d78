import Models
import Settings

extension CodecTraining {
  /// The numbers of a recipe's `losses`. The defaults are those of EnCodec without its adversary.
  public struct Losses: Configuration {
    /// Weight of the mean absolute distance of samples.
    public var time: Float = 0.1
    /// The distance of mel spectra over windows of several lengths.
    public var mel: Mel? = Mel()
    /// Makes weights shares of the gradient, whatever the size of a loss; `null` adds up the weighted losses.
    public var balancer: LossBalancer.Config? = LossBalancer.Config()
    /// Discriminators that learn to tell reconstructions from originals; `null` leaves them out.
    public var adversary: Adversary?

    /// EnCodec's, without an adversary.
    public init() {}

    /// There has to be a loss.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "time", time)
      try require(time > 0 || mel != nil, "time", "needs to be above 0 without losses.mel")
    }
  }

  /// The numbers of a recipe's `losses.adversary`.
  public struct Adversary: Configuration {
    /// Weight of the loss by the discriminators' estimates of the reconstructions.
    public var estimates: Float = 3
    /// Weight of the distance of the discriminators' hidden layers.
    public var features: Float = 3
    /// Chance of a step to train the discriminators.
    public var probability: Float = 0.667
    /// Windows and channels of the discriminators.
    public var discriminators = MultiScaleDiscriminator.Config()

    /// EnCodec's at 24 kHz.
    public init() {}

    /// Weights, and a chance.
    public func validate() throws(InvalidSetting) {
      try require(positive: "estimates", estimates)
      try require(positive: "features", features)
      try require("probability", probability, in: 0...1)
    }
  }

  /// The numbers of a recipe's `losses.mel`.
  public struct Mel: Configuration {
    /// Its weight.
    public var weight: Float = 1
    /// The windows and bands.
    public var scales = MultiScaleMel.Config()

    /// EnCodec's.
    public init() {}

    /// A weight.
    public func validate() throws(InvalidSetting) { try require(positive: "weight", weight) }
  }
}
