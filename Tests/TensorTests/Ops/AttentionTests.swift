import Tensor
import TestSupport
import Testing

@Suite struct AttentionTests {
  /// `B, T, D, heads`
  static let sizes = [[1, 1, 1, 1], [2, 5, 6, 2], [1, 7, 3, 1], [3, 2, 4, 4], [0, 3, 4, 2]]

  @Test(arguments: sizes, [Float(0), 0.3])
  func gradients(sizes: [Int], probability: Float) {
    let shape = Shape(Array(sizes.prefix(3)))
    let mask = DropoutMask(
      probability: probability, seed: 1, step: 2, site: 3, samples: Array(0..<sizes[0]))
    expectGradients(
      of: {
        Tensor.attention(
          queries: $0[0], keys: $0[1], values: $0[2], heads: sizes[3],
          dropout: probability > 0 ? mask : nil)
      }, at: (1...3).map { .normal(shape, seed: $0) })
  }

  @Test func gradientsWithPadding() {
    expectGradients(
      of: {
        Tensor.attention(
          queries: $0[0], keys: $0[1], values: $0[2], heads: 2, lengths: [5, 1, 3])
      }, at: (1...3).map { .normal([3, 5, 4], seed: $0) })
  }

  @Test func oneTensorInAllRoles() {
    expectGradients(
      of: { Tensor.attention(queries: $0[0], keys: $0[0], values: $0[0], heads: 2) },
      at: [.normal([2, 4, 6], seed: 1)])
  }

  @Test func paddingIsNotAttendedTo() {
    let (q, k) = (Tensor.normal([1, 4, 6], seed: 1), Tensor.normal([1, 4, 6], seed: 2))
    let v = Tensor.normal([1, 4, 6], seed: 3)
    let masked = Tensor.attention(queries: q, keys: k, values: v, heads: 3, lengths: [2])
    func head(_ x: Tensor) -> Tensor { x.sliced(axis: 1, 0..<2) }
    let short = Tensor.attention(queries: head(q), keys: head(k), values: head(v), heads: 3)
    expectClose(head(masked), short, relative: 1e-6)
  }

  /// The op against its formula in plain products.
  @Test func equalsTheComposition() {
    let (q, k) = (Tensor.normal([2, 9, 4], seed: 1), Tensor.normal([2, 9, 4], seed: 2))
    let v = Tensor.normal([2, 9, 4], seed: 3)
    let weights = (q.matmul(k, transposingRight: true) * 0.5).softmax()
    expectClose(
      Tensor.attention(queries: q, keys: k, values: v, heads: 1), weights.matmul(v),
      relative: 1e-6)
  }

  /// Several blocks of rows, the last of them shorter; against plain products, gradients too.
  @Test func blocksOfRowsJoin() {
    let shape: Shape = [1, 410, 10]
    let inputs = (1...3).map { Tensor.normal(shape, seed: $0).tracked() }
    let weights =
      (inputs[0].matmul(inputs[1], transposingRight: true) * (1 / Float(10).squareRoot()))
      .softmax()
    let expected = weights.matmul(inputs[2])
    let found = Tensor.attention(
      queries: inputs[0], keys: inputs[1], values: inputs[2], heads: 1)
    expectClose(found, expected, relative: 1e-6)
    let direction = Tensor.normal(shape, seed: 4)
    let (a, b) = (found.gradients(along: direction), expected.gradients(along: direction))
    for input in inputs { expectClose(a[input]!, b[input]!, relative: 2e-6) }
  }

  @Test func memoryGrowsWithTimeNotItsSquare() async {
    await #expect(processExitsWith: .success) {
      Cores.count = 1
      let x = Tensor.normal([1, 2500, 64], seed: 1).tracked()
      let before = MemoryStatistics.current.inUse
      let y = Tensor.attention(queries: x, keys: x, values: x, heads: 1)
      _ = y.gradients(along: y.detached())
      // One matrix of weights alone would take 25 MB.
      #expect(MemoryStatistics.current.peak - before < 12 << 20)
    }
  }

  /// Three stretches of keys, the last of an odd number, some rows with fewer; and a score so great that
  /// all weights before it vanish.
  @Test(arguments: [(DType.float32, Float(2e-6)), (.bfloat16, 1.2e-2)], [nil, 1027, 517, 3])
  func stretchesOfKeysJoin(type: (dtype: DType, tolerance: Float), length: Int?) {
    let shape: Shape = [1, 1100, 16]
    let (q, v) = (Tensor.normal(shape, seed: 1), Tensor.normal(shape, seed: 3))
    var k = Tensor.normal(shape, seed: 2)
    k.update { k in for d in 0..<16 { k[900 * 16 + d] *= 12 } }
    let inputs = [q, k, v].map { $0.cast(to: type.dtype) }
    let exact = inputs.map { $0.cast(to: .float32) }
    func head(_ x: Tensor) -> Tensor { x.sliced(axis: 1, 0..<(length ?? 1100)) }
    let weights = (exact[0].matmul(head(exact[1]), transposingRight: true) * 0.25).softmax()
    let attended = Tensor.attention(
      queries: inputs[0], keys: inputs[1], values: inputs[2], heads: 1,
      lengths: length.map { [$0] })
    expectClose(
      attended.cast(to: .float32), weights.matmul(head(exact[2])), relative: type.tolerance)
  }

  /// Not every NaN has the same bits: those of a damaged weight may be any.
  @Test(arguments: [0x7FC0_0000, 0x7FC0_0001, 0xFFC1_2345 as UInt32], [DType.float32, .bfloat16])
  func notANumberReachesTheResult(bits: UInt32, dtype: DType) {
    var keys = Tensor.normal([1, 70, 8], seed: 1)
    keys.update { $0[40] = Float(bitPattern: bits) }
    let x = Tensor.normal([1, 70, 8], seed: 2).cast(to: dtype)
    let y = Tensor.attention(queries: x, keys: keys.cast(to: dtype), values: x, heads: 2)
    let first = y.cast(to: .float32).sliced(axis: 2, 0..<4)
    #expect(first.scalars.count { !$0.isNaN } == 0)
  }
}
