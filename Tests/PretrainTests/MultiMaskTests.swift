import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// data2vec 2.0's masks, and views without the masked frames.
@Suite struct MultiMaskTests {
  private func masks(
    _ probability: Double = 0.5, length: Int = 5,
    _ edit: (inout MultiMask.Config) -> Void = { _ in }
  ) throws -> MultiMask {
    var config = MultiMask.Config()
    edit(&config)
    return try MultiMask(
      config, of: SpanMask.Config(probability: probability, spanFrames: length, minimumSpans: 1))
  }

  @Test(arguments: [(0.5, 5, 249), (0.5, 5, 8), (0.3, 4, 61), (0.9, 10, 47), (0.5, 1, 20)])
  func everyViewMasksTheSameNumber(probability: Double, length: Int, frames: Int) throws {
    let drawn = try masks(probability, length: length) { $0.masks = 6 }
      .draw(rows: 3, frames: frames, seed: 1, step: 2, samples: [5, 6, 9])
    #expect(drawn.rows == 18)
    #expect(drawn.indices.allSatisfy { $0.count == Int(probability * Double(frames)) })
    #expect(Set(drawn.indices).count > 9, "views differ")
  }

  /// Against counts of masks that Golden/multimask.py drew from the description.
  @Test(arguments: [40, 249])
  func blocksAreAsLongAsTheReferences(frames: Int) throws {
    let file = try golden("multimask")
    let drawn = try masks { $0.masks = 64 }
      .draw(rows: 300, frames: frames, seed: 3, step: 0, samples: Array(0..<300))
    let runs = drawn.indices.reduce(0) { sum, mask in
      sum + mask.indices.count { $0 == 0 || mask[$0 - 1] != mask[$0] - 1 }
    }
    let edges = drawn.indices.count { $0[0] == 0 }
    let (run, edge) = (
      Float(drawn.count) / Float(runs), Float(edges) / Float(drawn.rows)
    )
    let expectedRun = try #require(file["blocks.\(frames).run"]).scalar
    let expectedEdge = try #require(file["blocks.\(frames).edge"]).scalar
    #expect(abs(run - expectedRun) < 0.01 * expectedRun, "\(run), \(expectedRun)")
    #expect(abs(edge - expectedEdge) < 0.02, "\(edge), \(expectedEdge)")
  }

  @Test func aSampleHasItsMasksInAnyBatchOfItsStep() throws {
    let masks = try masks()
    func draw(seed: UInt64 = 1, step: Int = 4, _ samples: [Int]) throws -> [[Int]] {
      try masks.draw(rows: samples.count, frames: 60, seed: seed, step: step, samples: samples)
        .indices
    }
    let one = try draw([8])
    #expect(try Array(draw([7, 8])[8...]) == one)
    #expect(try draw(step: 5, [8]) != one)
    #expect(try draw(seed: 2, [8]) != one)
  }

  @Test(arguments: [(0.5, 4), (0.3, 7), (0.99, 3), (0.7, 3)])
  func tooShortCropsAreRefused(probability: Double, needed: Int) throws {
    let masks = try masks(probability)
    #expect(masks.minimumFrames == needed)
    #expect(masks.maskedCount(frames: needed) == 2)
    #expect(throws: MaskingError.rowTooShort(row: 0, frames: needed - 1, needed: needed)) {
      try masks.draw(rows: 1, frames: needed - 1, seed: 1, step: 0, samples: [0])
    }
  }

  @Test(arguments: [0, 1.0])
  func nothingToPredictOrToKeepIsRefused(probability: Double) {
    #expect(throws: MaskingError.self) { try masks(probability) }
  }
}

/// The encoder and the decoder around the frames that are left out.
@Suite struct DroppedFramesTests {
  private let kept = [[0, 3, 4, 8], [1, 2, 3, 9], [0, 5, 6, 7], [2, 4, 6, 8]]

  private var encoder: AudioEncoder {
    get throws {
      var config = AudioEncoder.Config.tiny
      (config.position.kernel, config.position.depth) = (3, 2)
      return try .random(config)
    }
  }

  @Test func keepingEveryFrameIsThePlainPass() throws {
    let (encoder, frames) = (try encoder, Tensor.normal([2, 10, 12], seed: 2))
    let all = Array(repeating: Array(0..<10), count: 4)
    let views = encoder.contextualise(frames, keeping: all, in: .evaluating())
    let plain = encoder.contextualise(frames, in: .evaluating())
    for view in 0..<4 {
      expectClose(
        views.sliced(axis: 0, view..<view + 1), plain.sliced(axis: 0, view / 2..<view / 2 + 1),
        relative: 1e-6)
    }
  }

  /// What is left out has no way to the result.
  @Test func aFrameLeftOutChangesNothing() throws {
    let (encoder, frames) = (try encoder, Tensor.normal([2, 10, 12], seed: 2))
    var other = frames
    other.update { x in for channel in 0..<12 { x[1 * 12 + channel] += 5 } }
    func views(_ frames: Tensor) -> [[Float]] {
      let y = encoder.contextualise(frames, keeping: kept, in: .evaluating())
      return (0..<4).map { y.sliced(axis: 0, $0..<$0 + 1).scalars }
    }
    let (plain, changed) = (views(frames), views(other))
    #expect(changed[0] == plain[0])
    #expect(changed[1] != plain[1])
    #expect(changed[2...] == plain[2...])
  }

  @Test func gradientsMatchFiniteDifferences() throws {
    let encoder = try encoder
    expectGradient(
      of: { encoder.contextualise($0, keeping: kept, in: .evaluating()) },
      at: .normal([2, 10, 12], seed: 4))
  }

  /// Every view drops values of its own, and the same ones each time.
  @Test func viewsDropValuesOfTheirOwn() throws {
    var config = AudioEncoder.Config.tiny
    config.dropout = 0.5
    let encoder = try AudioEncoder.random(config)
    func pass() -> ForwardPass { .training(seed: 1, step: 2, samples: [3, 4]) }
    let same = Array(repeating: Array(0..<6), count: 4)
    let frames = Tensor.normal([2, 10, 12], seed: 2)
    let y = encoder.contextualise(frames, keeping: same, in: pass().repeated(2))
    let views = (0..<4).map { y.sliced(axis: 0, $0..<$0 + 1).scalars }
    #expect(Set(views).count == 4)
    #expect(
      encoder.contextualise(frames, keeping: same, in: pass().repeated(2)).scalars == y.scalars)
  }

  @Test func theDecoderPutsFramesInTheirPlaces() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var config = MaskDecoder.Config()
    (config.width, config.layers, config.kernel, config.groups) = (4, 1, 1, 1)
    let decoder = MaskDecoder(config, from: 3, using: &generator)
    let masked = MaskedFrames(frames: 3, indices: [[1], [0]])
    let filling = Tensor.normal([2, 3], seed: 5)
    let decoded = decoder(
      .normal([4, 3], seed: 6), filling: MaskedViews(masked, each: 2, filling: filling))
    // One tap reaches no neighbour: each masked frame is decoded from its filling alone.
    let expected = decoder.layers[0](filling.reshaped([2, 1, 3]))
      .layerNorm(weight: nil, bias: nil).gelu()
    expectClose(decoded, expected.reshaped([2, 4]), relative: 1e-6)
  }

  @Test func trapsOnViewsOfDifferentLength() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let encoder = try AudioEncoder.random(.tiny)
      _ = encoder.contextualise(
        .zeros([1, 10, 12]), keeping: [[0], [1, 2]], in: .evaluating())
    }
    expectWords("contextualise: views keep [1, 2] frames, not equally many", in: result)
  }
}
