import Models
import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct CodebookLearningTests {
  private func learning(_ change: (inout CodebookLearning.Config) -> Void = { _ in })
    -> CodebookLearning
  {
    var config = CodebookLearning.Config()
    change(&config)
    return CodebookLearning(config, seed: 3)
  }

  private func quantizer(codebooks: Int = 3, codes: Int = 4, width: Int = 2) -> ResidualQuantizer {
    var config = ResidualQuantizer.Config()
    (config.codebooks, config.codes) = (codebooks, codes)
    return ResidualQuantizer(config, width: width)
  }

  /// A quantiser whose codebooks hold these numbers.
  private func learned(codebooks: Int) -> ResidualQuantizer {
    var quantizer = quantizer(codebooks: codebooks)
    for i in 0..<codebooks {
      quantizer.codebooks[i].vectors = .normal([4, 2], seed: UInt64(i)) * (1 / Float(i + 1))
      quantizer.codebooks[i].isInitialized = .ones([1])
    }
    return quantizer
  }

  // MARK: - The gradient of the commitment

  /// With `r_q` what is left after codebook `q`, `Σ_q mean r_q² / Q` has the gradient `Σ_q 2 r_q / (N D Q)`. If
  /// entries carried the gradient of the latents, the terms of all codebooks but the first would be missing.
  @Test func everyCodebookPullsAtTheLatents() throws {
    let quantizer = learned(codebooks: 3)
    let z = Tensor.normal([5, 2], seed: 9).tracked()
    let quantized = QuantizedLatents(
      z, by: quantizer, counts: [3, 3, 3, 3, 3], learning(), step: 0)
    var (left, expected) = (z.detached(), Tensor.zeros([5, 2]))
    for (q, codes) in quantized.codes.enumerated() {
      left = left - quantizer.codebooks[q].vectors.gatheringRows(codes.map(Int.init))
      expected = expected + left * (2 / (5 * 2 * 3))
    }
    expectClose(try #require(quantized.commitment.gradients()[z]), expected, relative: 1e-5)
  }

  @Test func theDecodersGradientPassesStraightThrough() throws {
    let z = Tensor.normal([5, 2], seed: 9).tracked()
    let quantized = QuantizedLatents(
      z, by: learned(codebooks: 3), counts: [3, 3, 3, 3, 3], learning(), step: 0)
    let direction = Tensor.normal([5, 2], seed: 10)
    let gradient = quantized.latents.gradients(along: direction)[z]
    #expect(gradient?.scalars == direction.scalars)
  }

  // MARK: - Dropout

  @Test func theDecoderGetsTheFirstCodebooksOfACrop() {
    let quantizer = learned(codebooks: 3)
    let z = Tensor.normal([3, 2], seed: 9)
    let quantized = QuantizedLatents(
      z.tracked(), by: quantizer, counts: [1, 2, 3], learning(), step: 0)
    let codes = quantizer.codes(of: z, codebooks: 3)
    for row in 0..<3 {
      let first = codes.sliced(axis: 0, row..<row + 1).sliced(axis: 1, 0..<row + 1)
      expectClose(
        quantized.latents.detached().sliced(axis: 0, row..<row + 1),
        quantizer.latents(of: first), relative: 1e-6)
    }
    // Every codebook learns from every latent.
    for observation in quantized.observations {
      #expect(observation.counts.sum().scalar == 3)
    }
  }

  @Test func aShareOfTheCropsHasFewerCodebooks() {
    let samples = Array(0..<4000)
    let counts = learning { $0.dropout = 0.5 }.counts(of: 8, step: 7, samples: samples)
    // Half of them are drawn from 1...8, of which an eighth is 8 all the same.
    let full = Double(counts.count { $0 == 8 }) / 4000
    #expect(abs(full - (0.5 + 0.5 / 8)) < 0.03)
    #expect(Set(counts) == Set(1...8))
    #expect(
      learning { $0.dropout = 0 }.counts(of: 8, step: 7, samples: samples).allSatisfy { $0 == 8 })
    #expect(learning { $0.dropout = 0.5 }.counts(of: 8, step: 8, samples: samples) != counts)
    // A crop's draw does not depend on the crops beside it.
    #expect(
      learning { $0.dropout = 0.5 }.counts(of: 8, step: 7, samples: [17, 5]) == [
        counts[17], counts[5],
      ])
  }

  // MARK: - The first entries

  /// Entries that are centroids stay where they are when the same latents come again. If the running sums began as
  /// centroids instead of sums, the first update would divide each by its size.
  @Test func theFirstUpdateLeavesCentroidsWhereTheyAre() {
    let latents = Tensor.normal([200, 2], seed: 4)
    var quantizer = quantizer(codebooks: 2, codes: 8)
    let config = learning { $0.leastUse = 0 }
    let quantized = QuantizedLatents(
      latents.tracked(), by: quantizer, counts: .init(repeating: 2, count: 200), config, step: 0)
    for (i, observation) in quantized.observations.enumerated() {
      quantizer.codebooks[i].learn(from: [observation], config.config)
      let start = observation.start!
      #expect(start.sizes.sum().scalar == 200)
      #expect(quantizer.codebooks[i].isInitialized.scalar == 1)
      expectClose(quantizer.codebooks[i].vectors, start.vectors, relative: 1e-4)
    }
    // Each centroid is the mean of its latents.
    let (start, codes) = (quantized.observations[0].start!, quantized.codes[0])
    for entry in 0..<8 {
      let own = latents.gatheringRows(codes.indices.filter { codes[$0] == Int32(entry) })
      expectClose(
        start.vectors.sliced(axis: 0, entry..<entry + 1), own.mean(axis: 0, keepingDims: true),
        relative: 1e-4)
    }
  }

  /// First entries, codes and observations are the same on any number of threads.
  @Test func threadsDoNotChangeABit() async {
    await #expect(processExitsWith: .success) {
      var seen: [[Float]] = []
      for threads in 1...3 {
        Cores.count = threads
        let suite = CodebookLearningTests()
        var quantizer = suite.quantizer(codebooks: 2, codes: 64, width: 48)
        for step in 0..<2 {
          let quantized = QuantizedLatents(
            .normal([700, 48], seed: UInt64(step)).tracked(), by: quantizer,
            counts: .init(repeating: 2, count: 700), suite.learning(), step: step)
          for (i, observation) in quantized.observations.enumerated() {
            quantizer.codebooks[i].learn(from: [observation], suite.learning().config)
          }
        }
        seen.append(quantizer.state.flatMap(\.tensor.scalars))
      }
      #expect(seen[0] == seen[1] && seen[0] == seen[2])
    }
  }

  @Test func aCodebookWithEntriesGetsNoOthers() {
    let quantized = QuantizedLatents(
      Tensor.normal([5, 2], seed: 9).tracked(), by: learned(codebooks: 3),
      counts: [3, 3, 3, 3, 3], learning(), step: 0)
    #expect(quantized.observations.allSatisfy { $0.start == nil })
  }

  // MARK: - Running means and unused entries

  /// `γ = 0.5`: sizes (4, 2) and counts (2, 4) give (3, 3); sums (4, 8) and (6, 0) give (5, 4).
  @Test func entriesAreRunningMeans() {
    var codebook = Codebook(codes: 2, width: 1)
    codebook.isInitialized = .ones([1])
    (codebook.clusterSizes, codebook.sums) = (Tensor([4, 2]), Tensor([4, 8], shape: [2, 1]))
    let config = learning {
      ($0.decay, $0.leastUse) = (0.5, 0)
    }
    codebook.learn(
      from: [
        observation(counts: [1, 3], sums: [6, -1]), observation(counts: [1, 1], sums: [0, 1]),
      ], config.config)
    #expect(codebook.clusterSizes.scalars == [3, 3])
    expectClose(codebook.vectors, Tensor([5.0 / 3, 4.0 / 3], shape: [2, 1]), relative: 1e-5)
  }

  private func observation(counts: [Float], sums: [Float]) -> CodebookObservation {
    let shape: Shape = [counts.count, 1]
    return CodebookObservation(
      counts: Tensor(counts), sums: Tensor(sums, shape: shape),
      candidates: Tensor(counts.indices.map { 100 + Float($0) }, shape: shape))
  }

  /// An unused entry becomes a latent, and is still there after the next update, in which no latent came to it. If
  /// the old sums overwrote it, it would be 0 again at once.
  @Test func anUnusedEntryIsReplacedAndStays() {
    var codebook = Codebook(codes: 3, width: 1)
    codebook.isInitialized = .ones([1])
    codebook.clusterSizes = Tensor([8, 8, 0.1])
    codebook.sums = Tensor([8, 16, 0], shape: [3, 1])
    let config = learning { $0.leastUse = 0.43 }.config
    let update = observation(counts: [6, 6, 0], sums: [6, 12, 0])
    codebook.learn(from: [update], config)
    #expect(codebook.vectors.scalars[2] == 102)
    // The least use: 0.43 of what an entry has on average, 12 latents for 3 entries.
    #expect(codebook.clusterSizes.scalars[2] == 0.43 * 4)
    #expect(codebook.sums.scalars[2] == 0.43 * 4 * 102)
    // A latent that comes to it keeps it, and it moves towards that.
    codebook.learn(from: [observation(counts: [6, 4, 2], sums: [6, 8, 200])], config)
    let size: Float = 0.99 * 1.72
    let mean: Float = (size * 102 + 2) / (size + 0.02)
    expectClose(codebook.vectors, Tensor([1, 2, mean], shape: [3, 1]), relative: 1e-4)
  }

  /// The bound is a share of even use, so that it means the same for a batch twice as large.
  @Test(arguments: [1, 2, 50] as [Float])
  func theBoundGrowsWithTheBatch(scale: Float) {
    for (size, isReplaced) in [(0.42, true), (0.44, false)] as [(Float, Bool)] {
      var codebook = Codebook(codes: 2, width: 1)
      codebook.isInitialized = .ones([1])
      codebook.clusterSizes = Tensor([10 * scale, 10 * size * scale])
      codebook.sums = codebook.clusterSizes.reshaped([2, 1])
      let counts = [20 - 10 * size, 10 * size].map { $0 * scale }
      codebook.learn(
        from: [observation(counts: counts, sums: counts)], learning { $0.leastUse = 0.43 }.config)
      #expect((codebook.vectors.scalars[1] == 101) == isReplaced)
    }
  }
}
