import Pretrain
import Tensor
import Testing

@Suite struct SpanMaskTests {
  let mert = SpanMask.Config(probability: 0.8, spanFrames: 5)

  /// Runs of masked frames as (first frame, length).
  func runs(_ masked: [Int]) -> [(start: Int, length: Int)] {
    var runs: [(start: Int, length: Int)] = []
    for frame in masked {
      if let last = runs.last, last.start + last.length == frame {
        runs[runs.count - 1].length += 1
      } else {
        runs.append((frame, 1))
      }
    }
    return runs
  }

  @Test func aLoneRowIsAUnionOfWholeSpans() throws {
    let mask = try SpanMask(mert)
    var total = 0
    for step in 0..<10_000 {
      let drawn = try mask.draw(rows: 1, frames: 374, seed: 7, step: step, samples: [3])
      #expect(runs(drawn.indices[0]).allSatisfy { $0.length >= 5 })
      #expect(drawn.indices[0].last! <= 372, "the last frame must never be masked")
      total += drawn.count
    }
    // fairseq's rule, simulated: 58.3 %.
    let share = Double(total) / (10_000 * 374)
    #expect(abs(share - 0.583) < 0.002, "coverage \(share)")
  }

  @Test func aBatchOfEightKeepsFiftyFivePerCent() throws {
    let mask = try SpanMask(mert)
    var total = 0
    for step in 0..<10_000 {
      let samples = (0..<8).map { step * 8 + $0 }
      let drawn = try mask.draw(rows: 8, frames: 374, seed: 1, step: step, samples: samples)
      #expect(Set(drawn.indices.map(\.count)).count == 1)
      #expect(drawn.indices.allSatisfy { $0.last! <= 372 })
      total += drawn.count
    }
    let share = Double(total) / (10_000 * 8 * 374)
    #expect(abs(share - 0.550) < 0.005, "coverage \(share)")
  }

  @Test(arguments: [
    (SpanMask.Config(probability: 0.8, spanFrames: 10), 781, 0.565),
    (SpanMask.Config(probability: 0.65, spanFrames: 10, minimumSpans: 1), 999, 0.489),
    (SpanMask.Config(probability: 0.8, spanFrames: 5), 383, 0.585),
  ])
  func coverageIsThePublishedOne(config: SpanMask.Config, frames: Int, share: Double) throws {
    let mask = try SpanMask(config)
    var total = 0
    for step in 0..<2_000 {
      total += try mask.draw(rows: 1, frames: frames, seed: 2, step: step, samples: [0]).count
    }
    let measured = Double(total) / Double(2_000 * frames)
    #expect(abs(measured - share) < 0.01, "coverage \(measured)")
  }

  /// Spans of one frame cannot overlap, so the count of masked frames is that of the spans:
  /// 0.3 · 101 = 30.3, so 30 or 31 with probability .7 and .3.
  @Test func spanCountIsRoundedAtRandom() throws {
    let mask = try SpanMask(.init(probability: 0.3, spanFrames: 1))
    var counts: [Int: Int] = [:]
    for step in 0..<10_000 {
      let drawn = try mask.draw(rows: 1, frames: 101, seed: 5, step: step, samples: [0])
      counts[drawn.count, default: 0] += 1
    }
    #expect(Set(counts.keys) == [30, 31])
    #expect(abs(Double(counts[31] ?? 0) / 10_000 - 0.3) < 0.02)
  }

  @Test func minimumSpansHold() throws {
    let mask = try SpanMask(.init(probability: 0, spanFrames: 1, minimumSpans: 4))
    #expect(try mask.draw(rows: 2, frames: 50, seed: 0, step: 0, samples: [0, 1]).count == 8)
  }

  @Test func startsAreUniform() throws {
    let mask = try SpanMask(.init(probability: 0, spanFrames: 1, minimumSpans: 1))
    var hits = [Int](repeating: 0, count: 11)
    for step in 0..<20_000 {
      hits[try mask.draw(rows: 1, frames: 11, seed: 3, step: step, samples: [9]).flat[0]] += 1
    }
    #expect(hits[10] == 0)
    #expect(hits.dropLast().allSatisfy { abs($0 - 2_000) < 200 }, "\(hits)")
  }

  /// The cut unmasks frames, masks none, and reaches exactly the smallest count of the lone draws.
  @Test func theCutKeepsASubsetOfTheSmallestCount() throws {
    let mask = try SpanMask(mert)
    for step in 0..<500 {
      let samples = [11, 4, 900, 23]
      let alone = try samples.map {
        try mask.draw(rows: 1, frames: 120, seed: 8, step: step, samples: [$0]).indices[0]
      }
      let batch = try mask.draw(rows: 4, frames: 120, seed: 8, step: step, samples: samples)
      let smallest = alone.map(\.count).min()!
      for (whole, kept) in zip(alone, batch.indices) {
        #expect(kept.count == smallest)
        #expect(Set(kept).isSubset(of: whole))
      }
    }
  }

  /// Spans of one frame on eleven: three or four of them. Where a row of four meets one of three,
  /// each of its four frames goes equally often.
  @Test func theCutIsUniformOverTheMaskedFrames() throws {
    let mask = try SpanMask(.init(probability: 0.3, spanFrames: 1, minimumSpans: 1))
    var gone = [Int](repeating: 0, count: 4)
    for step in 0..<10_000 {
      let alone = try mask.draw(rows: 1, frames: 11, seed: 6, step: step, samples: [1]).flat
      let batch = try mask.draw(rows: 2, frames: 11, seed: 6, step: step, samples: [1, 2])
      guard alone.count == 4, batch.indices[0].count == 3 else { continue }
      gone[alone.firstIndex { !batch.indices[0].contains($0) }!] += 1
    }
    #expect(abs(gone.reduce(0, +) - 2_100) < 200, "\(gone)")
    #expect(gone.allSatisfy { abs($0 - 525) < 90 }, "\(gone)")
  }

  @Test func drawsDependOnSeedStepAndSampleAlone() throws {
    let mask = try SpanMask(mert)
    func draw(_ seed: UInt64, _ step: Int, _ samples: [Int]) throws -> [[Int]] {
      try mask.draw(rows: samples.count, frames: 374, seed: seed, step: step, samples: samples)
        .indices
    }
    let reference = try draw(1, 2, [5, 6])
    #expect(try draw(1, 2, [5, 6]) == reference)
    #expect(try draw(1, 2, [6, 5]) == reference.reversed())
    #expect(try draw(9, 2, [5, 6]) != reference)
    #expect(try draw(1, 3, [5, 6]) != reference)
    #expect(try draw(1, 2, [5, 7])[1] != reference[1])
  }

  @Test func paddingIsNeverMasked() throws {
    let mask = try SpanMask(mert)
    for step in 0..<500 {
      let drawn = try mask.draw(frames: [40, 100, 63], seed: 0, step: step, samples: [0, 1, 2])
      #expect(drawn.frames == 100)
      #expect(drawn.indices[0].last! < 39 && drawn.indices[2].last! < 62)
      #expect(Set(drawn.indices.map(\.count)).count == 1)
    }
  }

  @Test(arguments: [(0.8, 10, 2), (0.8, 5, 2), (0.65, 10, 1), (1, 2, 1), (0.3, 1, 6)])
  func shortRowsEitherAlwaysWorkOrAreRefused(values: (Double, Int, Int)) throws {
    let (probability, spanFrames, minimumSpans) = values
    let mask = try SpanMask(
      .init(probability: probability, spanFrames: spanFrames, minimumSpans: minimumSpans))
    let needed = mask.minimumFrames
    #expect(throws: MaskingError.rowTooShort(row: 1, frames: needed - 1, needed: needed)) {
      try mask.draw(frames: [needed, needed - 1], seed: 0, step: 0, samples: [0, 1])
    }
    for frames in needed...needed + 20 {
      for step in 0..<200 {
        let drawn = try mask.draw(rows: 1, frames: frames, seed: 0, step: step, samples: [0])
        #expect(drawn.indices[0].last! < frames - 1)
      }
    }
  }

  @Test func shortestRowOfThePublishedSpansIsKnown() throws {
    #expect(try SpanMask().minimumFrames == 13)
    #expect(try SpanMask(mert).minimumFrames == 8)
  }

  @Test(arguments: [(-0.1, 10, 2), (1.1, 10, 2), (1, 1, 2), (0.5, 0, 2), (0.5, 10, 0)])
  func uselessNumbersAreRefused(values: (Double, Int, Int)) {
    let config = SpanMask.Config(
      probability: values.0, spanFrames: values.1, minimumSpans: values.2)
    #expect(throws: MaskingError.unusable(config)) { try SpanMask(config) }
  }

  @Test func flatIndicesCountRowsOfTheBatch() {
    let masked = MaskedFrames(frames: 5, indices: [[0, 3], [], [4]])
    #expect(masked.flat == [0, 3, 14])
    #expect(masked.rows == 3 && masked.count == 3)
  }
}
