import Models
import Tensor

/// What a residual quantiser makes of the latents of a batch while it is learned.
///
/// Every codebook sees every latent, also of a crop that is decoded from fewer: dropout decides what the decoder gets.
package struct QuantizedLatents {
  /// The sums of the entries in use, `[N, D]`.
  ///
  /// Gradient: that of the latents, as if nothing was quantised (straight through).
  package let latents: Tensor
  /// `Σ_q mean|r_q - sg(e_q)|² / Q`, a scalar.
  ///
  /// Gradient: of the latents alone, at every codebook.
  package let commitment: Tensor
  /// The codes of each codebook.
  package let codes: [[Int32]]
  /// What each codebook is to learn.
  package let observations: [CodebookObservation]

  /// - Parameters:
  ///   - latents: `[N, D]`, tracked.
  ///   - quantizer: The codebooks. Those without entries get their first ones from these latents.
  ///   - counts: Of each latent's codebooks, how many the decoder gets.
  ///   - learning: The numbers, and the seed.
  ///   - step: The training step.
  package init(
    _ latents: Tensor, by quantizer: ResidualQuantizer, counts: [Int],
    _ learning: CodebookLearning, step: Int
  ) {
    var (residual, sum) = (latents, Tensor.zeros(latents.shape))
    var (distances, codes) = (Tensor(0), [[Int32]]())
    var observations: [CodebookObservation] = []
    for (level, codebook) in quantizer.codebooks.enumerated() {
      let assigned = LearningAssignment(
        residual.detached(), codebook, learning, step: step, level: level)
      // Entries are constants. If each passed the gradient straight through, what is left would have none, and the
      // first codebook's commitment alone would pull at the latents.
      let entries = assigned.entries
      residual = residual - entries
      distances = distances + residual.squared().mean()
      sum = sum + entries * Tensor.column(counts.map { $0 > level ? 1 : 0 })
      codes.append(assigned.codes)
      observations.append(assigned.observation)
    }
    self.latents = sum.derived(from: latents.edge { $0 })
    commitment = distances / Float(quantizer.codebooks.count)
    (self.codes, self.observations) = (codes, observations)
  }

  /// The latents themselves, `[N, D]`, before the codebooks begin.
  package init(unquantized latents: Tensor) {
    (self.latents, commitment) = (latents, Tensor(0))
    (codes, observations) = ([], [])
  }
}

/// The nearest entries of one codebook, and what it is to learn of these latents.
private struct LearningAssignment {
  let codes: [Int32]
  /// `[N, D]`
  let entries: Tensor
  let observation: CodebookObservation

  init(
    _ latents: Tensor, _ codebook: Codebook, _ learning: CodebookLearning, step: Int, level: Int
  ) {
    let count = codebook.clusterSizes.elementCount
    var stream = RandomStream(seed: learning.seed, purpose: .entries, step: step, sample: level)
    let start =
      codebook.isInitialized.scalar != 0
      ? nil
      : CodebookStart(
        of: latents, codes: count, iterations: learning.config.firstIterations, using: &stream)
    let vectors = start?.vectors ?? codebook.vectors
    codes = latents.nearest(among: vectors).rows
    entries = vectors.gatheringRows(codes.map(Int.init))
    let (counts, sums) = latents.summed(by: codes, count: count)
    observation = CodebookObservation(
      counts: counts, sums: sums, candidates: latents.drawingRows(count, using: &stream),
      start: start)
  }
}

extension Tensor {
  fileprivate static func column(_ numbers: [Float]) -> Tensor {
    Tensor(numbers, shape: [numbers.count, 1])
  }
}
