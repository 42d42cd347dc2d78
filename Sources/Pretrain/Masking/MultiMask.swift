import Foundation
import Settings
import Tensor

/// Draws several masks of each crop, by blocks and with exact counts, as data2vec 2.0 does.
///
/// For a view of `T` frames with `n = ⌊probability · T⌋` frames to mask:
/// `max(minimumSpans, ⌊(probability + adjustment) · T / spanFrames⌋)` centres are drawn uniformly with replacement,
/// and `spanFrames` frames around each are masked, those beyond the ends left out. Then single frames, drawn
/// uniformly, are unmasked or masked until `n` are masked. So every view keeps as many frames as any other, and a
/// model can leave the masked ones out without padding.
///
/// The masks of a crop are drawn one after the other from the stream of its global sample number.
///
/// Source: Baevski et al. 2023 (data2vec 2.0), 3.2; fairseq `compute_block_mask_1d`. There masks are drawn by the
/// workers that read the data.
public struct MultiMask: FrameMask {
  /// The numbers of a recipe's `mask.multi`; data2vec 2.0's unless set.
  public struct Config: Configuration {
    /// Number of masks of a crop.
    public var masks = 8
    /// Added to the share of frames that blocks are drawn for, because blocks overlap.
    public var adjustment = 0.05

    /// data2vec 2.0's numbers.
    public init() {}

    /// A count, and a share.
    public func validate() throws(InvalidSetting) {
      try require("masks", masks, in: 1...64)
      try require("adjustment", adjustment, in: 0...1)
    }
  }

  /// The numbers that are its own.
  public let config: Config
  private let blocks: SpanMask.Config

  /// - Parameters:
  ///   - config: The numbers of `mask.multi`.
  ///   - blocks: The share of masked frames, the length of a block and the least number of them.
  /// - Throws: `MaskingError.unusable` if the numbers make no mask.
  public init(_ config: Config = Config(), of blocks: SpanMask.Config) throws {
    do {
      try blocks.validate()
      try config.validate()
    } catch { throw MaskingError.unusable(blocks) }
    guard (0.001...0.999).contains(blocks.probability) else {
      throw MaskingError.unusable(blocks)
    }
    (self.config, self.blocks) = (config, blocks)
  }

  /// The frames that each view of a crop of so many masks.
  public func maskedCount(frames: Int) -> Int { Int(blocks.probability * Double(frames)) }

  /// Masks for crops of equal length.
  ///
  /// - Parameters:
  ///   - rows: How many crops, `B`.
  ///   - frames: Frames of each crop, `T`.
  ///   - seed: The seed of the run.
  ///   - step: The training step.
  ///   - samples: The global sample number of each crop.
  ///   - purpose: What the masks are for; training unless given.
  /// - Returns: A row for each view; those of a crop follow each other.
  /// - Throws: `MaskingError.rowTooShort`.
  /// - Traps when: `samples` does not name each crop.
  public func draw(
    rows: Int, frames: Int, seed: UInt64, step: Int, samples: [Int],
    for purpose: RandomPurpose = .masking
  ) throws -> MaskedFrames {
    precondition(
      rows == samples.count, "MultiMask: \(rows) rows, but \(samples.count) sample numbers")
    guard frames >= minimumFrames else {
      throw MaskingError.rowTooShort(row: 0, frames: frames, needed: minimumFrames)
    }
    let views = samples.flatMap { sample in
      var stream = RandomStream(seed: seed, purpose: purpose, step: step, sample: sample)
      return (0..<config.masks).map { _ in masked(of: frames, using: &stream) }
    }
    return MaskedFrames(frames: frames, indices: views)
  }
}

extension MultiMask {
  /// The share that each view masks.
  public var expectedShare: Double { blocks.probability }

  /// The fewest frames of which two are masked: predictions of one have no deviation.
  public var minimumFrames: Int {
    let near = Int((2 / blocks.probability).rounded())
    return maskedCount(frames: near) >= 2 ? near : near + 1
  }

  /// The masked frames of one view, ascending.
  private func masked(of frames: Int, using stream: inout RandomStream) -> [Int] {
    var isMasked = [Bool](repeating: false, count: frames)
    for _ in 0..<centres(of: frames) {
      let first = Int.random(in: 0..<frames, using: &stream) - blocks.spanFrames / 2
      for frame in max(0, first)..<min(frames, first + blocks.spanFrames) { isMasked[frame] = true }
    }
    let masked = isMasked.indices.filter { isMasked[$0] }
    let excess = masked.count - maskedCount(frames: frames)
    let candidates = excess > 0 ? masked : isMasked.indices.filter { !isMasked[$0] }
    for frame in candidates.sampled(abs(excess), using: &stream) { isMasked[frame].toggle() }
    return isMasked.indices.filter { isMasked[$0] }
  }

  private func centres(of frames: Int) -> Int {
    let share = blocks.probability + config.adjustment
    return max(blocks.minimumSpans, Int(share * Double(frames) / Double(blocks.spanFrames)))
  }
}
