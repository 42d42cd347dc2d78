import Models
import Tensor

extension Codebook {
  /// Moves the entries after an update.
  ///
  /// With the counts `n` and sums `s` of the update's `N` latents: `sizes ← γ sizes + (1 - γ) n`,
  /// `sums ← γ sums + (1 - γ) s`, and each entry is its sum by its size. Then every entry whose size is below
  /// `τ = leastUse · N / K` is replaced by a latent and has the size `τ`: it stays if the next update uses it as much, and
  /// is replaced by a later latent otherwise. So the unused entries keep up with latents that move on, as those of a
  /// young encoder do at every step.
  ///
  /// Source: audiocraft `EuclideanCodebook`. There replaced entries are overwritten by the old sums in the same
  /// step, so that none is ever replaced; and its threshold is a count, which means something else for every size of
  /// a batch.
  ///
  /// - Parameters:
  ///   - batches: What the update's batches observed, in order. If the codebook has no entries yet, it takes those of
  ///     the first batch and learns from that alone: the others were quantised with other entries.
  ///   - config: The numbers.
  package mutating func learn(
    from batches: [CodebookObservation], _ config: CodebookLearning.Config
  ) {
    var batches = batches
    if isInitialized.scalar == 0, let start = batches[0].start {
      batches = [batches[0]]
      (vectors, clusterSizes, sums) = (start.vectors, start.sizes, start.sums)
      isInitialized = .ones([1])
    }
    average(batches, config)
    replaceUnused(batches, config)
  }

  private mutating func average(
    _ batches: [CodebookObservation], _ config: CodebookLearning.Config
  ) {
    let (decay, codes) = (config.decay, Float(clusterSizes.elementCount))
    clusterSizes = clusterSizes * decay + batches.total(\.counts) * (1 - decay)
    sums = sums * decay + batches.total(\.sums) * (1 - decay)
    let total = clusterSizes.sum().scalar
    let smoothed =
      (clusterSizes + config.epsilon) * (total / (total + codes * config.epsilon))
    vectors = sums / smoothed.reshaped([clusterSizes.elementCount, 1])
  }

  private mutating func replaceUnused(
    _ batches: [CodebookObservation], _ config: CodebookLearning.Config
  ) {
    let even = batches.total(\.counts).sum().scalar / Float(clusterSizes.elementCount)
    let least = config.leastUse * even
    for (entry, size) in clusterSizes.scalars.enumerated() where size < least {
      let candidate = batches[entry % batches.count].candidates.scalars(ofRow: entry)
      vectors.replace(row: entry, with: candidate)
      sums.replace(row: entry, with: candidate.map { $0 * least })
      clusterSizes.replace(row: entry, with: [least])
    }
  }
}

extension [CodebookObservation] {
  /// The sum over batches.
  fileprivate func total(_ part: KeyPath<CodebookObservation, Tensor>) -> Tensor {
    dropFirst().reduce(self[0][keyPath: part]) { $0 + $1[keyPath: part] }
  }
}

extension Tensor {
  /// One row of a matrix.
  fileprivate func scalars(ofRow row: Int) -> [Float] {
    let width = elementCount / shape[0]
    return read { Array($0[row * width..<(row + 1) * width]) }
  }

  fileprivate mutating func replace(row: Int, with numbers: [Float]) {
    update { elements in
      for (i, number) in numbers.enumerated() { elements[row * numbers.count + i] = number }
    }
  }
}
