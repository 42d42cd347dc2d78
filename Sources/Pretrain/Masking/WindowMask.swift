import Settings
import Tensor

/// Masks some of the windows that a crop is cut into: consecutive stretches of one length, each of them masked with one
/// probability, independently. Neighbouring windows make longer stretches.
///
/// A window has `round(seconds · frame rate)` frames. What is left over at the end is a shorter window; with noise in
/// the waveform it is never masked. Rows differ in how many frames are masked.
///
/// All draws of a row, those of the noise among them, come from the stream of its global sample number.
///
/// Source: MusicFM and MuQ for `waveformNoise`, OMAR-RQ for `frameNoise` and `shuffledFrames`. Different on purpose: a
/// row in which no window would be masked gets one masked window, each of them equally likely.
public struct WindowMask: FrameMask {
  /// The numbers of a recipe's `mask.windows`; MusicFM's unless set.
  public struct Config: Configuration {
    /// Length of a window, in seconds, rounded to whole frames of the encoder.
    public var seconds = 0.4
    /// Probability that a window is masked.
    public var probability = 0.6
    /// What the model gets in place of a masked window.
    public var fill = Fill.waveformNoise
    /// Standard deviation of the noise; without effect on the other fills.
    public var noise: Float = 0.1

    /// MusicFM and MuQ.
    public init() {}

    /// Lengths and chances.
    public func validate() throws(InvalidSetting) {
      try require("seconds", seconds, in: 0.001...600)
      try require("probability", probability, in: 0.001...0.999)
      try require("noise", noise, in: 0...1_000)
    }
  }

  /// What the model gets in place of masked frames.
  public enum Fill: String, Codable, Sendable, CaseIterable {
    /// Normal noise in place of the samples: MusicFM and MuQ.
    case waveformNoise
    /// Normal noise in place of the frames that enter the front end, which are standardised: OMAR-RQ.
    case frameNoise
    /// Other frames that enter the front end, from a random place of the crop.
    case shuffledFrames
    /// A learned vector in place of the frames that enter the layers, as with spans.
    case embedding
  }

  private let config: Config
  /// Frames of a window.
  let windowFrames: Int

  /// - Parameters:
  ///   - config: The numbers.
  ///   - frameRate: The encoder's frames per second.
  public init(_ config: Config = Config(), frameRate: Double) {
    self.config = config
    windowFrames = max(1, Int((config.seconds * frameRate).rounded()))
  }

  /// A window and a frame: a row of one window would always be masked as a whole.
  public var minimumFrames: Int { windowFrames + 1 }
  /// The probability of a window.
  public var expectedShare: Double { config.probability }

  private var takesPartOfAWindow: Bool { config.fill != .waveformNoise }

  /// Masks for rows without padding.
  public func draw(
    rows: Int, frames: Int, seed: UInt64, step: Int, samples: [Int],
    for purpose: RandomPurpose = .masking
  ) throws -> MaskedFrames {
    precondition(
      rows == samples.count, "WindowMask: \(rows) rows, but \(samples.count) sample numbers")
    guard frames >= minimumFrames else {
      throw MaskingError.rowTooShort(row: 0, frames: frames, needed: minimumFrames)
    }
    var streams = samples.map {
      RandomStream(seed: seed, purpose: purpose, step: step, sample: $0)
    }
    let indices = streams.indices.map { masked(of: frames, using: &streams[$0]) }
    return MaskedFrames(frames: frames, indices: indices, filling: filling(streams))
  }

  /// The masked frames of a row, ascending.
  private func masked(of frames: Int, using stream: inout RandomStream) -> [Int] {
    let rest = takesPartOfAWindow ? windowFrames - 1 : 0
    let windows = (frames + rest) / windowFrames
    var isMasked = (0..<windows).map { _ in
      Double.random(in: 0..<1, using: &stream) < config.probability
    }
    let spare = Int.random(in: 0..<windows, using: &stream)
    if !isMasked.contains(true) { isMasked[spare] = true }
    return isMasked.indices.filter { isMasked[$0] }.flatMap { window in
      window * windowFrames..<min((window + 1) * windowFrames, frames)
    }
  }

  private func filling(_ streams: [RandomStream]) -> MaskFilling {
    switch config.fill {
    case .waveformNoise: .waveformNoise(deviation: config.noise, streams)
    case .frameNoise: .frameNoise(deviation: config.noise, streams)
    case .shuffledFrames: .shuffledFrames(streams)
    case .embedding: .embedding
    }
  }
}
