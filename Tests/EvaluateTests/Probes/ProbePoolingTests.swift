import Evaluate
import Synchronization
import Tensor
import Testing

/// Frames of 400 samples every 320 at 24 kHz, as the encoders', numbered from 0.
@Suite struct ProbePoolingTests {
  private func features(_ pooling: FrameFeatures.Pooling = .mean) -> FrameFeatures {
    FrameFeatures(sampleRate: 24_000, hopLength: 320, firstCentre: 199.5, pooling: pooling) {
      audio in
      let frames = (audio.count - 400) / 320 + 1
      let numbers = (0..<frames).map { Float($0) + audio[0] }
      return [
        Tensor(numbers, shape: [frames, 1]),
        Tensor(numbers.flatMap { [$0, -$0] }, shape: [frames, 2]),
      ]
    }
  }

  private func pooled(
    _ times: [Range<Double>], _ pooling: FrameFeatures.Pooling = .mean
  ) throws -> [Tensor] {
    let examples = times.map { ProbeExample(piece: 0, time: $0, label: "x") }
    return try features(pooling).pooled(for: [ProbeExamples(task: "t", examples)]) { _ in
      [Float](repeating: 0, count: 24_000)
    }[0]
  }

  /// Centres lie at (320 t + 199.5) / 24000 s: 8.3 ms, 21.6 ms, 35.0 ms, 48.3 ms …
  @Test(arguments: [
    (0.0..<1.0, Float(36.5)), (0.0..<0.02, 0), (0.008..<0.04, 1), (0.022..<0.023, 1),
    (0.0..<0.001, 0), (0.99..<1.0, 73), (2.0..<3.0, 73), (0.5..<0.6, 40.5),
  ])
  func meansOverTheFramesWhoseCentresLieInside(time: Range<Double>, expected: Float) throws {
    #expect(try pooled([time])[0].scalars == [expected])
    #expect(try pooled([time])[1].scalars == [expected, -expected])
  }

  @Test func deviationFollowsTheMean() throws {
    let vector = try pooled([0.008..<0.04], .meanAndDeviation)[1].scalars
    let expected = [1, -1, Float(2.0 / 3).squareRoot(), Float(2.0 / 3).squareRoot()]
    #expect(zip(vector, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// Many pieces on any number of threads: vectors in the order of the examples.
  @Test func vectorsAreInOrder() throws {
    let examples = (0..<60).map { i in
      ProbeExample(piece: i / 2, time: 0..<Double(1 + i % 2) / 30, label: "x")
    }
    let rows = try features().pooled(
      for: [ProbeExamples(task: "t", examples), ProbeExamples(task: "u", [examples[7]])]
    ) { piece in [Float](repeating: Float(100 * piece), count: 2000) }
    let expected = try (0..<30).flatMap { piece in
      try features().pooled(
        for: [ProbeExamples(task: "t", examples.filter { $0.piece == piece })]
      ) { piece in [Float](repeating: Float(100 * piece), count: 2000) }[0][0].scalars
    }
    #expect(rows[0][0].scalars == expected)
    #expect(rows[1][0].scalars == [expected[7]])
  }

  @Test func rowsFollowTheExamplesOverPieces() throws {
    let times = [(2, 0.0), (0, 0.008), (2, 0.022), (0, 0.0)]
    let examples = times.map { piece, start in
      ProbeExample(piece: piece, time: start..<start + 0.013, label: "x")
    }
    let seen = Mutex<[Int]>([])
    let rows = try features().pooled(for: [ProbeExamples(task: "t", examples)]) { piece in
      seen.withLock { $0.append(piece) }
      return [Float](repeating: Float(100 * piece), count: 2000)
    }[0][0]
    #expect(seen.withLock { $0.sorted() } == [0, 2])
    #expect(rows.shape == [4, 1])
    #expect(rows.scalars == [0, 0, 200, 202])
  }
}
