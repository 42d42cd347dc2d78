import Tensor

/// Draws which frames of a batch are masked.
public protocol FrameMask: Sendable {
  /// The fewest frames of a row for which every draw is a mask, and some leave frames unmasked.
  var minimumFrames: Int { get }
  /// Share of the frames of long rows that is masked, on average.
  var expectedShare: Double { get }

  /// Masks for rows without padding.
  ///
  /// - Parameters:
  ///   - rows: How many rows, `B`.
  ///   - frames: Frames of each row, `T`.
  ///   - seed: The seed of the run.
  ///   - step: The training step.
  ///   - samples: The global sample number of each row.
  ///   - purpose: What the masks are for.
  /// - Throws: `MaskingError.rowTooShort`.
  /// - Traps when: `samples` does not name each row.
  func draw(
    rows: Int, frames: Int, seed: UInt64, step: Int, samples: [Int], for purpose: RandomPurpose
  ) throws -> MaskedFrames
}
