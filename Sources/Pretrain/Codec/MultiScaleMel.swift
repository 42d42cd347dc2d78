import Audio
import Settings
import Tensor

/// The distance of mel spectra of two waveforms over windows of several lengths:
///
/// `ℓ(x, y) = Σ_s (mean |E_s(x) - E_s(y)| + α mean (log10(E_s(x) + ε) - log10(E_s(y) + ε))²) / Σ_s (1 + α)`
///
/// over the windows `s` that are powers of two from the shortest to the longest. `MelDistance` is one of its terms.
/// Short windows compare when something sounds, long windows compare its pitch.
///
/// Source: Défossez et al. 2022 (EnCodec), section 3.4; audiocraft `losses/specloss.py`, whose default has the windows
/// 64 to 1024.
public struct MultiScaleMel: Sendable {
  /// The numbers of a recipe's mel loss; EnCodec's unless set.
  public struct Config: Configuration {
    /// Length of the shortest window, in samples, a power of two.
    public var shortestWindow = 32
    /// Length of the longest window, in samples, a power of two.
    public var longestWindow = 2048
    /// Mel bands of every window. With short windows many of them lie between two bins of the spectrum and are empty.
    public var bands = 64
    /// Lower edge of the first band, in Hz.
    public var lowestFrequency = 64.0
    /// Weight of the squared distance of logarithms beside the absolute distance of energies.
    public var logarithmWeight = 1.0

    /// EnCodec's windows.
    public init() {}

    /// Windows are powers of two, the shortest first.
    public func validate() throws(InvalidSetting) {
      try require("shortestWindow", shortestWindow, in: 8...65_536)
      try require("longestWindow", longestWindow, in: 8...65_536)
      try require("bands", bands, in: 1...65_536)
      try require(notNegative: "lowestFrequency", lowestFrequency)
      try require(notNegative: "logarithmWeight", logarithmWeight)
      for (name, window) in [("shortestWindow", shortestWindow), ("longestWindow", longestWindow)] {
        try require(
          window.nonzeroBitCount == 1, name, "\(window) is not a power of two, such as 32 or 2048")
      }
      try require(
        shortestWindow <= longestWindow, "shortestWindow",
        "\(shortestWindow) is above longestWindow (\(longestWindow))", against: ["longestWindow"])
    }

    /// The lengths of the windows, ascending.
    public var windows: [Int] {
      Array(sequence(first: shortestWindow) { $0 < longestWindow ? 2 * $0 : nil })
    }
  }

  /// The numbers that it follows.
  public let config: Config
  private let scales: [MelDistance]

  /// - Parameters:
  ///   - config: The windows and bands.
  ///   - sampleRate: The sample rate of the waveforms, Hz.
  /// - Traps when: the settings are invalid, or the lowest frequency is not below half the sample rate.
  public init(_ config: Config = Config(), sampleRate: Int) {
    self.config = config.checked(for: "MultiScaleMel")
    scales = config.windows.map {
      MelDistance(
        windowLength: $0, bands: config.bands, lowestFrequency: config.lowestFrequency,
        logarithmWeight: Float(config.logarithmWeight), sampleRate: sampleRate)
    }
  }

  /// The distance of waveforms `[B, L]`, a scalar.
  ///
  /// - Parameters:
  ///   - reconstruction: The waveforms whose gradient is wanted.
  ///   - original: The waveforms to compare them with.
  /// - Gradient: of the reconstruction only; keeps one waveform for each window.
  /// - Traps when: the shapes differ or are not `[B, L]`, or there is no sample.
  public func callAsFunction(_ reconstruction: Tensor, _ original: Tensor) -> Tensor {
    let sum = scales.map { $0(reconstruction, original) }.reduce(Tensor(0), +)
    return sum * (1 / (Float(scales.count) * Float(1 + config.logarithmWeight)))
  }
}
