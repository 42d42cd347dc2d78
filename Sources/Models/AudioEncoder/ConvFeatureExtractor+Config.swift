import Settings

extension ConvFeatureExtractor {
  /// The numbers of a recipe's `encoder.frontEnd`.
  public struct Config: Configuration {
    /// Output channels of each convolution.
    public var channels = [Int](repeating: 512, count: 7)
    /// Taps of each convolution: how many values of its input one output is computed from.
    public var kernels = [10, 3, 3, 3, 3, 2, 2]
    /// Stride of each convolution. The product of all is the number of samples from frame to frame: 320.
    public var strides = [5, 2, 2, 2, 2, 2, 2]
    /// What the front end normalises.
    public var norm = Norm.group
    /// Whether the convolutions have a bias.
    public var bias = false
    /// Factor of the gradient on its way into the convolutions; 0 freezes them.
    public var gradientScale: Float = 0.1

    /// HuBERT base.
    public init() {}

    /// What a front end normalises.
    public enum Norm: String, Codable, Sendable, CaseIterable {
      /// Each channel over time, after the first convolution alone.
      case group
      /// Each frame over channels, after every convolution.
      case layer
    }
  }
}

extension ConvFeatureExtractor.Config {
  /// Checks that frames can be counted: a convolution has a width, a length and a step, and a frame no more
  /// samples than a year.
  public func validate() throws(InvalidSetting) {
    try require(
      (1...64).contains(channels.count), "channels",
      channels.isEmpty
        ? "needs at least one convolution" : "\(channels.count) convolutions are more than 64")
    for (name, values) in [
      ("channels", channels), ("kernels", kernels), ("strides", strides),
    ] {
      try require(
        values.count == channels.count, name,
        "has \(values.count) entries, encoder.frontEnd.channels has \(channels.count)",
        against: ["channels"])
      try require(name, values, in: 1...AudioEncoder.Config.mostChannels)
    }
    try require(
      reach < 0x1p40, "strides", "a frame would have more samples than a year",
      against: ["kernels"])
    try require("gradientScale", gradientScale, in: 0...1)
  }

  /// More samples than a frame has.
  private var reach: Double {
    zip(kernels, strides).reduce(1) { $0 * Double(max($1.0, $1.1)) }
  }
}
