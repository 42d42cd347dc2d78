import Foundation
import Settings
import Tensor

/// Draws the spans of frames that a masked-prediction model has to fill in.
///
/// For a row of `T` valid frames: `n = max(minimumSpans, ⌊probability · T / spanFrames + u⌋)` with
/// `u` uniform in `[0, 1)`; `n` distinct starts are drawn from `{0, …, T - spanFrames - 1}`, and the
/// mask is the union of their spans. Spans overlap, so `probability` is not the masked share
/// (0.8 with spans of 5 masks about 58 %), and the last valid frame is never masked. Then every row
/// is cut down to the smallest count of the batch by unmasking single frames, drawn uniformly.
///
/// All draws of a row come from the stream of its global sample number, so a row's spans depend
/// neither on its place in the batch nor on threads; the cut depends on its companions by their
/// count alone.
///
/// Source: fairseq `compute_mask_indices` with static spans, overlap and equal counts, as HuBERT,
/// MERT and data2vec call it. Different on purpose: that routine shortens the margin for rows of
/// hardly more than a span and fails whenever such a row happens to be covered completely; here a
/// row that could be is refused at once. There the cut uses the last row's generator, here each
/// row's own.
public struct SpanMask: FrameMask {
  /// The numbers of a recipe's `mask`; HuBERT's unless set.
  public struct Config: Configuration {
    /// Expected share of frames in spans, counting overlaps twice.
    public var probability = 0.8
    /// Length of a span, in frames.
    public var spanFrames = 10
    /// Least number of spans in a crop.
    public var minimumSpans = 2

    /// HuBERT's masks.
    public init() {}

    /// Masks by these numbers.
    public init(probability: Double, spanFrames: Int, minimumSpans: Int = 2) {
      (self.probability, self.spanFrames) = (probability, spanFrames)
      self.minimumSpans = minimumSpans
    }

    /// Masks leave a frame: `probability` is below `spanFrames`.
    public func validate() throws(InvalidSetting) {
      try require("probability", probability, in: 0...1)
      try require("spanFrames", spanFrames, in: 1...100_000)
      try require("minimumSpans", minimumSpans, in: 1...100_000)
      try require(
        probability < Double(spanFrames), "probability",
        "\(probability.inWords) masks every frame with spans of \(spanFrames); lower it",
        against: ["spanFrames"])
    }
  }

  /// The numbers that the masks follow.
  public let config: Config

  /// - Throws: `MaskingError.unusable` if the numbers make no mask.
  public init(_ config: Config = Config()) throws {
    do { try config.validate() } catch { throw MaskingError.unusable(config) }
    self.config = config
  }

  /// Masks for rows without padding.
  ///
  /// - Parameters:
  ///   - rows: How many rows, `B`.
  ///   - frames: Frames of each row, `T`.
  ///   - seed: The seed of the run.
  ///   - step: The training step.
  ///   - samples: The global sample number of each row.
  ///   - purpose: What the masks are for; training unless given.
  /// - Throws: `MaskingError.rowTooShort`.
  /// - Traps when: `samples` does not name each row.
  public func draw(
    rows: Int, frames: Int, seed: UInt64, step: Int, samples: [Int],
    for purpose: RandomPurpose = .masking
  ) throws -> MaskedFrames {
    try draw(
      frames: Array(repeating: frames, count: rows), seed: seed, step: step, samples: samples,
      for: purpose)
  }

  /// Masks for rows of different length, padded at their ends to the longest.
  ///
  /// - Parameters:
  ///   - frames: The valid frames of each row.
  ///   - seed: The seed of the run.
  ///   - step: The training step.
  ///   - samples: The global sample number of each row.
  ///   - purpose: What the masks are for; training unless given.
  /// - Throws: `MaskingError.rowTooShort`.
  /// - Traps when: `samples` does not name each row.
  public func draw(
    frames: [Int], seed: UInt64, step: Int, samples: [Int], for purpose: RandomPurpose = .masking
  ) throws -> MaskedFrames {
    precondition(
      frames.count == samples.count,
      "SpanMask: \(frames.count) rows, but \(samples.count) sample numbers")
    try refuseShortRows(frames)
    var streams = samples.map {
      RandomStream(seed: seed, purpose: purpose, step: step, sample: $0)
    }
    let drawn = frames.indices.map { spans(of: frames[$0], using: &streams[$0]) }
    let kept = drawn.map(\.count).min() ?? 0
    let cut = drawn.indices.map { row in
      drawn[row].count == kept
        ? drawn[row] : drawn[row].sampled(kept, using: &streams[row]).sorted()
    }
    return MaskedFrames(frames: frames.max() ?? 0, indices: cut)
  }

  /// `1 - (1 - probability / spanFrames)^spanFrames`: a frame is in none of the spans that may cover it.
  public var expectedShare: Double {
    let spans = Double(config.spanFrames)
    return 1 - pow(1 - config.probability / spans, spans)
  }

  /// The fewest frames of a row for which every draw leaves a frame unmasked.
  ///
  /// More frames never have fewer places to start at than they have spans, so the least is found by halves.
  public var minimumFrames: Int {
    var (tooFew, enough) = (0, 1)
    while !fits(enough) { (tooFew, enough) = (enough, 2 * enough) }
    while enough - tooFew > 1 {
      let middle = (tooFew + enough) / 2
      if fits(middle) { enough = middle } else { tooFew = middle }
    }
    return enough
  }
}

extension SpanMask {
  /// One row before the cut, ascending.
  private func spans(of frames: Int, using stream: inout RandomStream) -> [Int] {
    let expected = config.probability * Double(frames) / Double(config.spanFrames)
    let drawn = Int(expected + .random(in: 0..<1, using: &stream))
    let starts = (0..<frames - config.spanFrames)
      .sampled(max(config.minimumSpans, drawn), using: &stream)
    var masked = [Bool](repeating: false, count: frames)
    for start in starts {
      for frame in start..<start + config.spanFrames { masked[frame] = true }
    }
    return masked.indices.filter { masked[$0] }
  }

  /// Whether there are more places to start at than spans, even by the largest draw.
  private func fits(_ frames: Int) -> Bool {
    let expected = config.probability * Double(frames) / Double(config.spanFrames)
    return frames - config.spanFrames > max(config.minimumSpans, Int(expected.rounded(.up)))
  }

  private func refuseShortRows(_ frames: [Int]) throws {
    guard let row = frames.firstIndex(where: { !fits($0) }) else { return }
    throw MaskingError.rowTooShort(row: row, frames: frames[row], needed: minimumFrames)
  }
}

extension RandomAccessCollection {
  /// `count` distinct elements in random order, every choice equally likely.
  ///
  /// - Traps when: there are fewer.
  func sampled(
    _ count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Element] {
    precondition(count <= self.count, "sampled: \(count) of \(self.count) elements")
    var pool = Array(self)
    for i in 0..<count {
      pool.swapAt(i, .random(in: i..<pool.count, using: &generator))
    }
    return Array(pool.prefix(count))
  }
}
