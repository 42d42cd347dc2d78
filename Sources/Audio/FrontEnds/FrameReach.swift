/// How far a front end looks from a frame, so that some frames of a long signal can be had without the
/// rest of it.
///
/// Of a stretch of the signal that begins at sample `a · hop` and ends at `e · hop`, frames
/// `a + before ..< e - after` are those of the whole signal, to the bit, if `a` and `e - after` are multiples
/// of `grid`. Where the stretch begins or ends with the signal, so are those up to there.
public struct FrameReach: Sendable, Equatable {
  /// Frames before those that are wanted; a multiple of `grid`.
  public var before: Int
  /// Frames after them.
  public var after: Int
  /// Frames that are computed together; 1 where each is computed alone.
  public var grid = 1

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
