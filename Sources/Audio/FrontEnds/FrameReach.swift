import Tensor

/// The range of the signal on which a frame depends. With it a range of frames can be computed
/// without the rest of a long signal.
///
/// Let a range of the signal begin at sample `a · hop` and end at sample `e · hop`, where `a` and
/// `e - after` are multiples of `grid`. Its frames `a + before ..< e - after` equal those of the
/// whole signal, to the bit. If the range begins at the start of the signal, this also holds for
/// its frames before `a + before`; if it ends at the end of the signal, also for those from
/// `e - after` on.
public struct FrameReach: Sendable, Equatable {
  /// The frames to compute before a range; a multiple of `grid`.
  public let before: Int
  /// The frames to compute after a range.
  public let after: Int
  /// The number of frames that are computed together; 1 if each is computed alone.
  public let grid: Int

  /// - Parameters:
  ///   - before: The frames to compute before a range; a multiple of `grid`.
  ///   - after: The frames to compute after a range.
  ///   - grid: The number of frames that are computed together.
  /// - Traps when: `grid` is not positive, `before` is not a multiple of `grid`, or a number is
  ///   negative.
  public init(before: Int, after: Int, grid: Int = 1) {
    precondition(
      grid > 0 && before >= 0 && before % grid == 0 && after >= 0,
      "FrameReach: \(before) before, \(after) after, in steps of \(grid)")
    (self.before, self.after, self.grid) = (before, after, grid)
  }

  /// The range of the signal on which a range of frames depends, in frames. Its end may be after
  /// the end of the signal.
  func stretch(for frames: Range<Int>) -> Range<Int> {
    let first = frames.lowerBound / grid * grid
    let end = (frames.upperBound + grid - 1) / grid * grid
    return max(0, first - before)..<end + after
  }
}

extension STFT {
  /// The samples of a frame's transform. Reflection reads one sample further before the frame.
  var reach: FrameReach {
    FrameReach(
      before: framing.padding == .none ? 0 : 1 + fftLength / 2 / hopLength,
      after: (fftLength + hopLength - 1) / hopLength)
  }
}
