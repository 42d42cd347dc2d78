import Models
import Settings
import Tensor

/// The features of a stream as a recipe asks for them: one kind of `FrameFeatures`, or its rises, summarised over time
/// if the recipe says so, and several neighbours side by side for one frame of the encoder.
///
/// The features of the encoder's frame `t` are the frames `t · stack ..< (t + 1) · stack`, one after the other.
public struct StreamFeatures: Configuration {
  /// Log-mel energies.
  public var mel: MelFrames?
  /// A log-frequency spectrum.
  public var constantQ: PitchFrames?
  /// Pitch classes.
  public var chroma: ChromaFrames?
  /// Samples of the waveform.
  public var waveform: WaveformFrames?
  /// A layer of an earlier model, or of several side by side.
  public var layers: LayerFrames?
  /// Latents of a codec.
  public var latents: LatentFrames?
  /// Number of feature frames for each frame of the encoder, which lie side by side; it divides the encoder's stride.
  public var stack = 1
  /// Whether only what grows is taken, `max(x[t] - x[t-1], 0)`: attacks, in which instruments differ most.
  public var rises = false
  /// Length of the stretch around each feature frame over which the features are averaged, in seconds; 0 takes them as
  /// they are.
  public var averageSeconds = 0.0
  /// What is taken of such a stretch.
  public var average = Average.mean

  /// Log-mel energies.
  public init() {}

  /// A number of a stretch of frames.
  public enum Average: String, Codable, Sendable, CaseIterable {
    /// The mean.
    case mean
    /// The standard deviation, `√(mean x² - (mean x)²)`.
    case deviation
  }

  private var given: [any FrameFeatures] {
    let all: [(any FrameFeatures)?] = [mel, constantQ, chroma, waveform, layers, latents]
    return all.compactMap(\.self)
  }

  /// The kind that is given, log-mel energies if none is.
  var chosen: any FrameFeatures { given.first ?? MelFrames() }

  /// Numbers for a frame of the encoder.
  var width: Int { chosen.width * stack }

  /// One kind, and counts.
  public func validate() throws(InvalidSetting) {
    try require(
      given.count <= 1, "", "has several kinds of features; a stream has one, so keep one")
    try require("stack", stack, in: 1...256)
    try require("averageSeconds", averageSeconds, in: 0...600)
    try require(
      average == .mean || averageSeconds > 0, "average",
      "a deviation needs a stretch of frames; set averageSeconds", against: ["averageSeconds"])
  }

  /// They suit the encoder's rates.
  func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try require(
      encoder.stride % stack == 0, "stack",
      "\(stack) does not divide the \(encoder.stride) samples from frame to frame of the encoder",
      against: ["encoder"])
    do {
      try chosen.validate(
        sampleRate: encoder.sampleRate, hopLength: encoder.stride / stack)
    } catch {
      throw error.inside(name)
    }
  }

  /// The name of the chosen kind.
  private var name: String {
    placedParts((any FrameFeatures).self).first?.path ?? "mel"
  }

  /// Frames `[T, W]` of the chosen kind, or their rises, summarised over the stretch around each.
  func summarised(_ frames: Tensor, frameRate: Double) -> Tensor {
    let values = rises ? frames.rises() : frames
    let stretch = 2 * Int((averageSeconds * frameRate / 2).rounded()) + 1
    return switch average {
    case .mean: values.movingAverage(frames: stretch)
    case .deviation: values.movingDeviation(frames: stretch)
    }
  }
}
