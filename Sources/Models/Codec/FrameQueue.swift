import Tensor

/// The frames of a signal that may still be read.
struct FrameQueue: Sendable {
  private var pieces: [Tensor] = []
  private var start = 0
  /// Frames that have come.
  private(set) var end = 0

  mutating func append(_ frames: Tensor) {
    guard frames.shape[0] > 0 else { return }
    pieces.append(frames)
    end += frames.shape[0]
  }

  /// `[1, n, C]`
  mutating func frames(_ range: Range<Int>) -> Tensor {
    if pieces.count > 1 { pieces = [.concatenated(pieces, axis: 0)] }
    let rows = pieces[0].sliced(axis: 0, range.lowerBound - start..<range.upperBound - start)
    return rows.reshaped([1, range.count, rows.shape[1]])
  }

  /// Forgets what came before a frame.
  mutating func drop(before frame: Int) {
    guard frame > start, let all = pieces.first, pieces.count == 1 else { return }
    // A copy, so that the memory before it is freed.
    pieces = [.concatenated([all.sliced(axis: 0, frame - start..<all.shape[0])], axis: 0)]
    start = frame
  }
}
