import Settings

/// The numbers of a recipe's `mask`: spans (HuBERT) or windows (MusicFM).
public struct MaskSetting: Configuration {
  /// Expected share of frames in spans, counting overlaps twice.
  public var probability = 0.8
  /// Length of a span, in frames.
  public var spanFrames = 10
  /// Least number of spans in a crop.
  public var minimumSpans = 2
  /// Windows that lie end to end, in place of spans.
  public var windows: WindowMask.Config?
  /// Several masks of each crop, which share front end and teacher, and whose frames the transformer leaves out
  /// (data2vec 2.0). `probability` is then the exact share of masked frames. Belongs together with
  /// `objective.regression.decoder`.
  public var multi: MultiMask.Config?

  /// HuBERT's spans.
  public init() {}

  /// Spans by these numbers.
  public init(_ spans: SpanMask.Config) {
    (probability, spanFrames) = (spans.probability, spans.spanFrames)
    minimumSpans = spans.minimumSpans
  }

  /// The numbers of the spans.
  public var spans: SpanMask.Config {
    SpanMask.Config(
      probability: probability, spanFrames: spanFrames, minimumSpans: minimumSpans)
  }

  /// Numbers of spans are without effect on windows.
  public func validate() throws(InvalidSetting) {
    try require("probability", probability, in: 0...1)
    try require("spanFrames", spanFrames, in: 1...100_000)
    try require("minimumSpans", minimumSpans, in: 1...100_000)
    try spans.validate()
    try require(
      windows == nil || multi == nil, "multi", "has no effect on windows; leave one of them out",
      against: ["windows"])
    try require(
      multi == nil || (0.001...0.999).contains(probability), "probability",
      "is the share of frames that each of several masks hides; set it to 0.001...0.999",
      against: ["multi"])
    let standard = SpanMask.Config()
    for (name, isDefault) in [
      ("probability", probability == standard.probability),
      ("spanFrames", spanFrames == standard.spanFrames),
      ("minimumSpans", minimumSpans == standard.minimumSpans),
    ] {
      try require(
        windows == nil || isDefault, name,
        "is a number of spans, without effect on windows; leave it out", against: ["windows"])
    }
  }

  /// What draws the masks.
  ///
  /// - Parameter frameRate: The encoder's frames per second.
  /// - Throws: `MaskingError.unusable` if the numbers make no mask.
  public func mask(frameRate: Double) throws -> any FrameMask {
    if let windows { return WindowMask(windows, frameRate: frameRate) }
    return try multi.map { try MultiMask($0, of: spans) } ?? SpanMask(spans)
  }
}
