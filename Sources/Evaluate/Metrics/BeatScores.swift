import Tensor

/// The F-measures of a beat tracker over clips, 0…1.
///
/// Which is which matters: MARBLE prints `pooled`, papers on beat tracking mostly `meanAfterTrim`.
public struct BeatScores: Equatable, Sendable {
  /// Beats in the first so many seconds are left out of `meanAfterTrim`, since trackers need time to settle.
  public static let trim = 5.0

  /// Of the counts of all clips together.
  public let pooled: Double
  /// The mean over clips.
  public let mean: Double
  /// The mean over clips without the beats of their first 5 seconds, which is what `mir_eval.beat.evaluate` does.
  public let meanAfterTrim: Double

  /// - Parameter clips: Estimated and true times of each clip, in seconds.
  /// - Traps when: there is no clip, or a time is not finite.
  public init(_ clips: [(estimated: [Double], reference: [Double])]) {
    precondition(!clips.isEmpty, "BeatScores.init: needs at least 1 clip, got 0")
    let whole = clips.map { BeatFMeasure(estimated: $0.estimated, reference: $0.reference) }
    let trimmed = clips.map { clip in
      BeatFMeasure(
        estimated: clip.estimated.filter { $0 >= Self.trim },
        reference: clip.reference.filter { $0 >= Self.trim })
    }
    pooled = whole.dropFirst().reduce(whole[0], +).value
    (mean, meanAfterTrim) = (Self.mean(whole), Self.mean(trimmed))
  }

  private static func mean(_ clips: [BeatFMeasure]) -> Double {
    clips.reduce(0) { $0 + $1.value } / Double(clips.count)
  }
}
