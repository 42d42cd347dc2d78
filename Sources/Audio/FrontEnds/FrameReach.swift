import Tensor

/// How far a front end looks from a frame, so that some frames of a long signal can be had without the
/// rest of it.
///
/// Of a stretch of the signal that begins at sample `a · hop` and ends at `e · hop`, frames
/// `a + before ..< e - after` are those of the whole signal, to the bit, if `a` and `e - after` are multiples
/// of `grid`. Where the stretch begins or ends with the signal, so are those up to there.
public struct FrameReach: Sendable, Equatable {
  /// Frames before those that are wanted; a multiple of `grid`.
  public let before: Int
  /// Frames after them.
  public let after: Int
  /// Frames that are computed together; 1 where each is computed alone.
  public let grid: Int

  /// - Parameters:
  ///   - before: Frames before those that are wanted; a multiple of `grid`.
  ///   - after: Frames after them.
  ///   - grid: Frames that are computed together.
  /// - Traps when: these are no such numbers.
  public init(before: Int, after: Int, grid: Int = 1) {
    precondition(
      grid > 0 && before >= 0 && before % grid == 0 && after >= 0,
      "FrameReach: \(before) before, \(after) after, in steps of \(grid)")
    (self.before, self.after, self.grid) = (before, after, grid)
  }

  /// The stretch that decides some frames, in frames, of which the last may lie past the signal's end.
  func stretch(for frames: Range<Int>) -> Range<Int> {
    let first = frames.lowerBound / grid * grid
    let end = (frames.upperBound + grid - 1) / grid * grid
    return max(0, first - before)..<end + after
  }
}

extension STFT {
  /// What a frame sees of the signal. Reflection looks one sample further back.
  var reach: FrameReach {
    FrameReach(
      before: framing.padding == .none ? 0 : 1 + fftLength / 2 / hopLength,
      after: (fftLength + hopLength - 1) / hopLength)
  }
}
