import Settings
import Tensor

/// Chroma as features of tokens: the octaves of a log-frequency spectrum added up into pitch classes, and every frame
/// brought to mean 0 and variance 1 over its classes, so that neither loudness nor timbre's brightness moves it.
///
/// Class `c` adds up the bins `b` with `⌊(b mod binsPerOctave) · classes / binsPerOctave⌋ = c`.
public struct ChromaFrames: FrameFeatures {
  /// Number of pitch classes, which divides the spectrum's bins of an octave.
  public var classes = 12
  /// The spectrum whose octaves are added up. A stream of the same spectrum shares it.
  public var spectrum = PitchFrames()

  /// Semitones from C, of seven octaves in quarter tones.
  public init() {}

  /// Whole bins for each class.
  public func validate() throws(InvalidSetting) {
    try require("classes", classes, in: 2...1_200)
    try require(
      spectrum.binsPerOctave % classes == 0, "classes",
      "\(classes) does not divide the \(spectrum.binsPerOctave) bins of an octave",
      against: ["spectrum.binsPerOctave"])
  }

  /// `classes`
  public var width: Int { classes }
  /// The spectrum.
  public var source: any FrameFeatures { spectrum }

  /// That of the spectrum.
  public func validate(sampleRate: Int, hopLength: Int) throws(InvalidSetting) {
    do {
      try spectrum.validate(sampleRate: sampleRate, hopLength: hopLength)
    } catch {
      throw InvalidSetting("spectrum.\(error.path)", error.reason, against: error.others)
    }
  }

  /// The spectrum folded.
  public func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) -> @Sendable (_ samples: [Float]) -> Tensor {
    let extractor = spectrum.extractor(
      sampleRate: sampleRate, hopLength: hopLength, isNormalized: isNormalized)
    return { derived(from: extractor($0)) }
  }

  /// The octaves of each frame added up, `[T, bins] -> [T, classes]`, and the frame standardised.
  public func derived(from frames: Tensor) -> Tensor {
    frames.matmul(folding).layerNorm(weight: nil, bias: nil)
  }

  /// 1 where a bin belongs to a class, `[bins, classes]`.
  private var folding: Tensor {
    let octave = spectrum.binsPerOctave
    return Tensor(
      (0..<spectrum.bins * classes).map { place in
        (place / classes % octave) * classes / octave == place % classes ? 1 : 0
      },
      shape: [spectrum.bins, classes])
  }
}
