import Models
import Settings
import Tensor

/// How a residual quantiser's codebooks are learned: each entry is the running mean of the latents that it was the
/// nearest of, and an entry that hardly any latent is nearest to is replaced.
///
/// Source: van den Oord et al. 2017 (VQ-VAE), appendix A.1; SoundStream §3.3; audiocraft `core_vq.py`, with two
/// differences where its rules have no effect or a wrong one: see `Codebook.learn` and `CodebookStart`.
public struct CodebookLearning: Sendable {
  /// The numbers of a recipe's `codebooks`.
  public struct Config: Configuration {
    /// Decay of the running sizes and sums from one update to the next.
    public var decay: Float = 0.99
    /// Added to the running size of an entry, which keeps the mean of an unused one finite.
    public var epsilon: Float = 1e-5
    /// Length of the start without codebooks, in steps. The decoder gets the latents themselves until then, and the
    /// first entries are centroids of latents that carry the waveform. Those of a random encoder move further in a step
    /// than they differ from each other, and no codebook can follow. EnCodec has 0.
    public var firstStep = 0
    /// Iterations of k-means on the first batch, which make the first entries.
    public var firstIterations = 50
    /// Least running size of an entry, as a share of what every entry would have if all were used alike. An entry below
    /// it is replaced by a latent of the update. EnCodec's 2 latents are 0.43 of it at 64 crops of a second.
    public var leastUse: Float = 0.43
    /// Weight of the commitment: the mean squared distance of the latents from the entries that stand for them. It is
    /// not balanced.
    public var commitment: Float = 1
    /// Chance of a crop to be decoded from fewer codebooks, whose number is then drawn uniformly.
    public var dropout: Float = 0.5

    /// EnCodec's numbers, and the dropout of DAC.
    public init() {}

    /// Shares, and counts from 1 on.
    public func validate() throws(InvalidSetting) {
      try require("decay", decay, in: 0..<1)
      try require(positive: "epsilon", epsilon)
      try require("firstStep", firstStep, in: 0...1_000_000_000)
      try require("firstIterations", firstIterations, in: 1...10_000)
      try require("leastUse", leastUse, in: 0..<1)
      try require(notNegative: "commitment", commitment)
      try require("dropout", dropout, in: 0...1)
    }
  }

  /// The numbers.
  public let config: Config
  /// Decides what is drawn.
  public let seed: UInt64

  /// - Parameters:
  ///   - config: The numbers.
  ///   - seed: Decides what is drawn.
  public init(_ config: Config, seed: UInt64) { (self.config, self.seed) = (config, seed) }

  /// How many codebooks each crop is decoded from: all, or with the chance of `dropout` a number drawn from `1...all`.
  ///
  /// Source: SoundStream §3.3 draws it for each crop, DAC for a share of the crops.
  ///
  /// - Parameters:
  ///   - all: Codebooks there are.
  ///   - step: The training step.
  ///   - samples: The global numbers of the crops.
  package func counts(of all: Int, step: Int, samples: [Int]) -> [Int] {
    samples.map { sample in
      var stream = RandomStream(seed: seed, purpose: .codebooks, step: step, sample: sample)
      let isDropped = Float.random(in: 0..<1, using: &stream) < config.dropout
      return isDropped ? Int.random(in: 1...all, using: &stream) : all
    }
  }
}
