import Models
import Settings
import Tensor

/// Discriminators of complex spectrograms with windows of several lengths, each by itself.
///
/// Source: Défossez et al. 2022 (EnCodec), section 3.4.
public struct MultiScaleDiscriminator: Module {
  /// The numbers of a recipe's discriminator; EnCodec's unless set.
  public struct Config: Configuration {
    /// Lengths of the windows, in samples, each a multiple of 4. Each window has a discriminator of its own.
    public var windows = [2048, 1024, 512, 256, 128]
    /// Channels of a hidden layer.
    public var filters = 32
    /// Slope of the leaky ReLU below 0.
    public var slope = 0.3

    /// EnCodec's discriminator.
    public init() {}

    /// Windows and channels.
    public func validate() throws(InvalidSetting) {
      try require(
        (1...16).contains(windows.count), "windows",
        "\(windows.count) windows are not between 1 and 16")
      try require("windows", windows, in: 16...65_536)
      for (index, window) in windows.enumerated() {
        try require(
          window.isMultiple(of: 4), "windows[\(index)]", "\(window) is not a multiple of 4")
      }
      try require("filters", filters, in: 1...4096)
      try require("slope", slope, in: 0...1)
    }
  }

  /// The discriminators, in the order of the windows.
  public var scales: [SpectrogramDiscriminator]

  /// - Parameters:
  ///   - config: Windows and channels.
  ///   - generator: Draws the initial weights.
  /// - Traps when: the settings are invalid.
  public init(_ config: Config = Config(), using generator: inout some RandomNumberGenerator) {
    let config = config.checked(for: "MultiScaleDiscriminator")
    scales = []
    for window in config.windows {
      scales.append(
        SpectrogramDiscriminator(
          windowLength: window, filters: config.filters, slope: Float(config.slope),
          using: &generator))
    }
  }

  /// - Parameter waveforms: `[B, L]`, at least as long as the longest window.
  /// - Returns: What each discriminator computes.
  /// - Traps when: the shape is not `[B, L]`, or a waveform is shorter than a window.
  public func callAsFunction(_ waveforms: Tensor) -> [DiscriminatorOutput] {
    scales.map { $0(waveforms) }
  }

  /// Shows the discriminators.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("scales", &scales)
  }
}
