import Tensor
import TestSupport
import Testing

/// In processes of their own, because the figures are the process's.
@Suite struct MemoryTests {
  /// A little of everything that a training step does.
  static func step(_ parameters: inout [Tensor], number: Int) -> Float {
    let leaves = parameters.map { $0.tracked() }
    let loss = Self.loss(leaves, number: number)
    let gradients = loss.gradients()
    for i in leaves.indices {
      parameters[i].add(gradients[leaves[i]]! * -0.01)
    }
    return loss.scalar
  }

  static func loss(_ parameters: [Tensor], number: Int) -> Tensor {
    let samples = [2 * number, 2 * number + 1]
    let mask = DropoutMask(probability: 0.1, seed: 1, step: number, site: 0, samples: samples)
    var x = Tensor.normal([2, 200, 4], seed: UInt64(number))
      .conv1d(weight: parameters[0], bias: parameters[1], stride: 2).gelu()
    x = x.normalizedOverTime(weight: parameters[1] * 0 + 1, bias: parameters[1])
    x =
      x
      + x.conv1d(weight: parameters[2], padding: .both(2), groups: 2)
    x = x.layerNorm(weight: parameters[1], bias: parameters[1])
    x = Tensor.attention(queries: x, keys: x, values: x, heads: 2, dropout: mask).dropout(mask)
    let rows = x.reshaped([x.shape[0] * x.shape[1], 8]).gatheringRows([1, 5, 9])
    return rows.l2Normalized().linear(weight: parameters[3]).crossEntropy(targets: [0, 1, 2])
      .mean()
  }

  static func parameters() -> [Tensor] {
    [
      .normal([8, 3, 4], seed: 1), .normal([8], seed: 2), .normal([8, 5, 4], seed: 3),
      .normal([6, 8], seed: 4),
    ]
  }

  @Test func laterStepsTakeNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      // One thread: how many buffers are out at once does not hang on timing.
      Cores.count = 1
      var parameters = MemoryTests.parameters()
      for number in 0..<2 { _ = MemoryTests.step(&parameters, number: number) }
      let before = MemoryStatistics.current.reserved
      for number in 2..<6 { _ = MemoryTests.step(&parameters, number: number) }
      #expect(MemoryStatistics.current.reserved == before)
    }
  }

  /// What small tensors left side by side becomes a large one's place; contents stay apart.
  @Test func neighboursGrowTogether() async {
    await #expect(processExitsWith: .success) {
      let mib = 1 << 18
      var kept: Tensor
      do {
        let small = (0..<9).map { Tensor.full([mib], Float($0)) }
        kept = small[8]
        #expect(small.enumerated().allSatisfy { i, x in x.read { $0[0] == Float(i) } })
      }
      let before = MemoryStatistics.current.reserved
      let large = Tensor.full([3 * mib], 11)
      let others = [Tensor.full([2 * mib], 12), .full([3 * mib], 13)]
      #expect(MemoryStatistics.current.reserved == before)
      for (x, value) in zip([large, kept] + others, [11, 8, 12, 13]) {
        #expect(x.read { $0.allSatisfy { $0 == Float(value) } })
      }
    }
  }

  @Test func aGraphIsFreed() async {
    await #expect(processExitsWith: .success) {
      let before = MemoryStatistics.current.inUse
      let leaf = Tensor.normal([1000], seed: 1).tracked()
      let held = MemoryStatistics.current.inUse
      #expect(held > before)
      for backward in [true, false] {
        // The loss lives on; after the backward pass nothing else may.
        let loss = (leaf.exp() * leaf).sum()
        #expect(MemoryStatistics.current.inUse > held + 4000)
        if backward {
          #expect(loss.gradients()[leaf] != nil)
          #expect(MemoryStatistics.current.inUse <= held + 256)
        }
        withExtendedLifetime(loss) {}
      }
      #expect(MemoryStatistics.current.inUse == held)
      withExtendedLifetime(leaf) {}
    }
  }

  @Test func figuresAddUp() async {
    await #expect(processExitsWith: .success) {
      let start = MemoryStatistics.current
      let x = Tensor.zeros([1000])
      let y = x
      let during = MemoryStatistics.current
      #expect(during.inUse - start.inUse >= 4000 && during.inUse - start.inUse <= 5000)
      #expect(during.peak >= during.inUse && during.reserved >= during.inUse)
      withExtendedLifetime((x, y)) {}
    }
  }

  /// Two runs of several steps, at every number of threads: the same bits.
  @Test func runsAreRepeatable() async {
    await #expect(processExitsWith: .success) {
      for threads in [1, 2, 3] {
        Cores.count = threads
        let runs = (0..<2).map { _ in
          var parameters = MemoryTests.parameters()
          let losses = (0..<3).map { MemoryTests.step(&parameters, number: $0) }
          return losses + parameters.flatMap(\.scalars)
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].filter { !$0.isFinite }.isEmpty)
      }
    }
  }
}
