import Tensor
import TestSupport
import Testing

/// What keeps a query from a key: its place in time, a bias, a length; and keys of another number.
@Suite struct AttentionMaskTests {
  /// `Tq, Tk`: several blocks of rows, several stretches of keys, both; a block that ends where the
  /// diagonal does, and hardly a key.
  static let sizes = [[230, 230], [192, 700], [700, 110], [1100, 1100], [97, 2]]

  /// One head, value and all gradients against plain products and sums of `-∞`.
  @Test(arguments: sizes, [AttentionContext.all, .causal])
  func equalsTheComposition(sizes: [Int], context: AttentionContext) {
    let (queries, keys) = (sizes[0], sizes[1])
    let shapes: [Shape] = [[2, queries, 6], [2, keys, 6], [2, keys, 6], [1, queries, keys]]
    for lengths in [nil, [keys, (keys + 2) / 3]] {
      let x = shapes.enumerated().map { Tensor.normal($1, seed: UInt64($0)).tracked() }
      let found = Tensor.attention(
        queries: x[0], keys: x[1], values: x[2], heads: 1, bias: x[3], context: context,
        lengths: lengths)
      let excluded = Tensor.stacked(
        (0..<2).map { sample in
          exclusion(queries, keys, context: context, length: lengths?[sample] ?? keys)
        })
      let scores = x[0].matmul(x[1], transposingRight: true) * (1 / Float(6).squareRoot())
      let expected = (scores + x[3] + excluded).softmax().matmul(x[2])
      expectClose(found, expected, relative: 2e-6)
      let direction = Tensor.normal(found.shape, seed: 9)
      let (a, b) = (found.gradients(along: direction), expected.gradients(along: direction))
      for x in x { expectClose(a[x]!, b[x]!, relative: 4e-6) }
    }
  }

  /// `[queries, keys]`, 0 where a query attends to a key and `-∞` elsewhere.
  private func exclusion(
    _ queries: Int, _ keys: Int, context: AttentionContext, length: Int
  ) -> Tensor {
    var excluded = Tensor.zeros([queries, keys])
    excluded.update { excluded in
      for query in 0..<queries {
        for key in 0..<keys where key >= length || context == .causal && key > query {
          excluded[query * keys + key] = -.infinity
        }
      }
    }
    return excluded
  }

  /// The first queries alone give what they give among all, by the same draws of dropout.
  @Test(arguments: [DType.float32, .bfloat16])
  func queriesAreTakenApart(dtype: DType) {
    let mask = DropoutMask(probability: 0.4, seed: 1, step: 2, site: 3, samples: [4, 5])
    let x = (0..<3).map { Tensor.normal([2, 130, 8], seed: $0).cast(to: dtype) }
    func attended(_ queries: Tensor) -> Tensor {
      .attention(queries: queries, keys: x[1], values: x[2], heads: 1, dropout: mask)
    }
    #expect(attended(x[0][0..., ..<7]).scalars == attended(x[0])[0..., ..<7].scalars)
  }

  /// The frames of 0..<120 keep every bit whatever comes after them; those from there on do not.
  @Test(arguments: [DType.float32, .bfloat16], [Float(0), 0.3])
  func theFutureChangesNothing(dtype: DType, probability: Float) {
    let mask = DropoutMask(probability: probability, seed: 1, step: 2, site: 3, samples: [4])
    func attended(_ x: Tensor) -> Tensor {
      let x = x.cast(to: dtype)
      return .attention(
        queries: x, keys: x, values: x, heads: 2, context: .causal,
        dropout: probability > 0 ? mask : nil
      ).cast(to: .float32)
    }
    let past = Tensor.normal([1, 120, 16], seed: 1)
    let (a, b) = (Tensor.normal([1, 500, 16], seed: 2), Tensor.normal([1, 500, 16], seed: 3))
    let (y, z) = (
      attended(.concatenated([past, a], axis: 1)), attended(.concatenated([past, b], axis: 1))
    )
    #expect(y[0..., ..<120].scalars == z[0..., ..<120].scalars)
    #expect(y[0..., 120].scalars != z[0..., 120].scalars)
  }

  /// Query 1 by the bias alone; query 0 because the bias excludes the one key that is not later.
  @Test(arguments: [DType.float32, .bfloat16])
  func aQueryWithoutKeysGivesZero(dtype: DType) {
    var bias = Tensor.zeros([1, 3, 600])
    bias.update { bias in
      bias[0] = -.infinity
      for key in 0..<600 { bias[600 + key] = -.infinity }
    }
    let x = [[1, 3, 8], [1, 600, 8], [1, 600, 8]].enumerated().map {
      Tensor.normal(Shape($1), seed: UInt64($0)).cast(to: dtype).tracked()
    }
    let tracked = bias.tracked()
    let y = Tensor.attention(
      queries: x[0], keys: x[1], values: x[2], heads: 2, bias: tracked, context: .causal)
    #expect(y[0, ..<2].scalars.allSatisfy { $0 == 0 })
    #expect(y[0, 2].scalars.allSatisfy { $0.isFinite && $0 != 0 })
    let found = y.gradients(along: .normal([1, 3, 8], seed: 4))
    #expect(found[x[0]]![0, ..<2].scalars.allSatisfy { $0 == 0 })
    #expect(found[tracked]![0, ..<2].scalars.allSatisfy { $0 == 0 })
    for x in x { #expect(found[x]!.scalars.allSatisfy { $0.isFinite }) }
    // Query 2 attends to keys 0, 1 and 2.
    #expect(found[x[1]]![0, 2].scalars.allSatisfy { $0 != 0 })
    #expect(found[x[1]]![0, 3...].scalars.allSatisfy { $0 == 0 })
  }

  /// A whole stretch of keys excluded before one that counts.
  @Test(arguments: [DType.float32, .bfloat16])
  func keysExcludedByTheBiasAreNotAttendedTo(dtype: DType) {
    let (first, length) = (530, 700)
    var bias = Tensor.zeros([1, 5, length])
    bias.update { bias in
      for i in 0..<bias.count where i % length < first { bias[i] = -.infinity }
    }
    let q = Tensor.normal([1, 5, 16], seed: 1).cast(to: dtype)
    let k = Tensor.normal([1, length, 16], seed: 2).cast(to: dtype)
    let found = Tensor.attention(queries: q, keys: k, values: k, heads: 2, bias: bias)
    let rest = k.sliced(axis: 1, first..<length)
    let expected = Tensor.attention(queries: q, keys: rest, values: rest, heads: 2)
    expectClose(
      found.cast(to: .float32), expected.cast(to: .float32),
      relative: dtype == .float32 ? 1e-6 : bfloatRounding)
  }

  @Test(arguments: [[0, 3], [3, 0], [0, 0]])
  func noFrames(sizes: [Int]) {
    let (queries, keys) = (sizes[0], sizes[1])
    let q = Tensor.ones([2, queries, 4]).tracked()
    let k = Tensor.ones([2, keys, 4]).tracked()
    let bias = Tensor.ones([2, queries, keys]).tracked()
    let y = Tensor.attention(queries: q, keys: k, values: k, heads: 2, bias: bias)
    let found = y.gradients(along: .ones(y.shape))
    #expect(y.shape == [2, queries, 4] && y.scalars.allSatisfy { $0 == 0 })
    for x in [q, k, bias] {
      #expect(found[x]!.shape == x.shape && found[x]!.scalars.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func notANumberInABiasReachesItsRow(dtype: DType) {
    var bias = Tensor.zeros([1, 3, 70])
    bias.update { $0[70 + 40] = .nan }
    let x = Tensor.normal([1, 70, 8], seed: 1).cast(to: dtype)
    let y = Tensor.attention(
      queries: x.sliced(axis: 1, 0..<3), keys: x, values: x, heads: 2, bias: bias)
    #expect(y[0, 1].scalars.allSatisfy { $0.isNaN })
    #expect(y[0, 0].scalars.allSatisfy { $0.isFinite })
  }

  /// A bias in bfloat16 beside such inputs, for each way to share it.
  @Test(arguments: [[1, 40, 70], [2, 40, 70], [3, 2, 40, 70]] as [Shape])
  func aBiasOfBFloat16(shape: Shape) {
    expectRounding(
      of: { .attention(queries: $0[0], keys: $0[1], values: $0[2], heads: 2, bias: $0[3]) },
      at: [
        .normal([3, 40, 12], seed: 1), .normal([3, 70, 12], seed: 2),
        .normal([3, 70, 12], seed: 3), .normal(shape, seed: 4),
      ], relative: 4 * bfloatRounding)
  }

  /// Samples that share a bias add to its gradient in the same order whatever the threads.
  @Test func theGradientOfABiasHasTheSameBitsOnAnyThreads() async {
    await #expect(processExitsWith: .success) {
      let x = (0..<3).map { Tensor.normal([12, 400, 16], seed: $0) }
      let bias = Tensor.normal([1, 400, 400], seed: 4).tracked()
      func gradient(threads: Int) -> [Float] {
        Cores.count = threads
        let y = Tensor.attention(queries: x[0], keys: x[1], values: x[2], heads: 1, bias: bias)
        return y.gradients(along: .normal(y.shape, seed: 5))[bias]!.scalars
      }
      let single = gradient(threads: 1)
      for threads in [2, 3, 7] {
        // Not in the expectation, which would print both.
        let isSame = gradient(threads: threads) == single
        #expect(isSame)
      }
    }
  }

  @Test func memoryIsThatOfTheBiasAlone() async {
    await #expect(processExitsWith: .success) {
      Cores.count = 1
      let x = Tensor.normal([2, 1500, 64], seed: 1).tracked()
      let bias = Tensor.normal([1, 1500, 1500], seed: 2)
      let before = MemoryStatistics.current.inUse
      let y = Tensor.attention(
        queries: x, keys: x, values: x, heads: 2, bias: bias, context: .causal)
      _ = y.gradients(along: y.detached())
      // The weights of one head of one sample alone would take 9 MB.
      #expect(MemoryStatistics.current.peak - before < 8 << 20)
    }
  }
}
