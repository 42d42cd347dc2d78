import Tensor

/// Which frames of a batch are masked: a model replaces them, an objective predicts them.
public struct MaskedFrames: Sendable {
  /// Frames per row with padding, `T`.
  public let frames: Int
  /// The masked frames of each row, ascending, counted from the row's first frame.
  public let indices: [[Int]]
  /// What the model gets in their place.
  public let filling: MaskFilling

  /// - Parameters:
  ///   - frames: Frames per row with padding, `T`.
  ///   - indices: The masked frames of each row.
  ///   - filling: What the model gets in their place; the mask embedding unless given.
  /// - Traps when: a row's indices are not ascending within `0..<frames`.
  public init(frames: Int, indices: [[Int]], filling: MaskFilling = .embedding) {
    for row in indices {
      precondition(
        zip(row, row.dropFirst()).allSatisfy(<)
          && row.first ?? 0 >= 0 && row.last ?? -1 < frames,
        "MaskedFrames: indices must ascend within 0..<\(frames), got \(row)")
    }
    (self.frames, self.indices, self.filling) = (frames, indices, filling)
  }

  /// How many rows there are, `B`.
  public var rows: Int { indices.count }

  /// How many frames are masked, over all rows.
  public var count: Int { indices.reduce(0) { $0 + $1.count } }

  /// The masked frames of the batch as rows of `[B·T, D]`, ascending.
  public var flat: [Int] {
    indices.enumerated().flatMap { row, masked in masked.map { row * frames + $0 } }
  }

  /// The other frames of the batch as rows of `[B·T, D]`, ascending.
  public var flatUnmasked: [Int] {
    var isMasked = [Bool](repeating: false, count: rows * frames)
    for frame in flat { isMasked[frame] = true }
    return isMasked.indices.filter { !isMasked[$0] }
  }
}
