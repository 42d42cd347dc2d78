import Settings
import Tensor

/// Why a batch could not be mixed.
public enum MixingError: Error, Equatable, CustomStringConvertible {
  /// The recipe's numbers make no mixture.
  case unusable(BatchMixing.Config)
  /// The longest snippet is longer than the crops it is laid over.
  case snippetTooLong(snippet: Int, crop: Int)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unusable(let config):
      "mixing: probability \(config.probability), snippetSamples \(config.snippetSamples), "
        + "snippets \(config.snippets) and volume \(config.volume) make no mixture; use a "
        + "probability in 0...1, snippets of at least one sample and a finite volume"
    case .snippetTooLong(let snippet, let crop):
      "mixing: snippets of up to \(snippet) samples do not fit crops of \(crop) samples; "
        + "lower mixing.snippetSamples or raise the crop length"
    }
  }
}

/// In-batch noise mixing: lays random snippets of a batch's other clips over a clip, so that the
/// model has to separate the clip from the noise. Targets come from the clean audio.
///
/// A clip is mixed with the given probability. Its noise is the clean audio of all other rows,
/// laid end to end; for each of a random number of snippets, length, source and place are drawn
/// uniformly and `volume · snippet` is added. Snippets may overlap and may run across the join of
/// two sources. There is no gain matching, fading or clipping. A batch of one row has no noise
/// and stays clean.
///
/// Source: MERT (Li et al. 2023), `inbatch_noise_augment`. Different on purpose: the published
/// setting `mixture_prob` is the probability of *not* mixing (a clip is mixed if its draw exceeds
/// it), here `probability` is that of mixing; both are one half in the published recipes. Crops
/// shorter than the longest snippet stay clean there without a word; here they are an error.
public struct BatchMixing: Sendable {
  /// The numbers of a recipe's `mixing`; MERT-95M's unless set.
  public struct Config: Configuration {
    /// Probability that a crop is mixed.
    public var probability = 0.5
    /// Length of a snippet, in samples: shortest and longest.
    public var snippetSamples = 12_000...24_000
    /// Number of snippets in a mixed crop: fewest and most.
    public var snippets = 1...3
    /// Factor of the snippets.
    public var volume: Float = 1

    /// MERT-95M's mixing.
    public init() {}

    /// A probability, and lengths and numbers of snippets that can be drawn.
    public func validate() throws(InvalidSetting) {
      try require("probability", probability, in: 0...1)
      let lengths = [snippetSamples.lowerBound, snippetSamples.upperBound]
      try require("snippetSamples", lengths, in: 1...1_000_000_000)
      try require("snippets", [snippets.lowerBound, snippets.upperBound], in: 0...10_000)
      try require("volume", volume, in: -1_000...1_000)
    }
  }

  /// The numbers that the mixtures follow.
  public let config: Config

  /// - Throws: `MixingError.unusable` if the numbers make no mixture.
  public init(_ config: Config = Config()) throws {
    do { try config.validate() } catch { throw MixingError.unusable(config) }
    self.config = config
  }

  /// The batch with noise mixed into some of its rows; `waveforms` itself stays clean.
  ///
  /// - Parameters:
  ///   - waveforms: Clean crops, `[B, L]`.
  ///   - seed: The seed of the run.
  ///   - step: The training step.
  ///   - samples: The global sample number of each row.
  /// - Returns: `[B, L]`.
  /// - Throws: `MixingError.snippetTooLong` if a snippet may be longer than `L`.
  /// - Traps when: `waveforms` has not two axes or `samples` does not name each row.
  public func mixed(
    _ waveforms: Tensor, seed: UInt64, step: Int, samples: [Int]
  ) throws -> Tensor {
    precondition(
      waveforms.rank == 2 && waveforms.shape[0] == samples.count,
      "BatchMixing: waveforms \(waveforms.shape) and \(samples.count) sample numbers, "
        + "expected [B, L] and B")
    let crop = waveforms.shape[1]
    guard config.snippetSamples.upperBound <= crop else {
      throw MixingError.snippetTooLong(snippet: config.snippetSamples.upperBound, crop: crop)
    }
    var result = waveforms
    guard samples.count > 1 else { return result }
    waveforms.read { clean in
      result.update { out in
        for (row, sample) in samples.enumerated() {
          var stream = RandomStream(seed: seed, purpose: .mixing, step: step, sample: sample)
          for snippet in snippets(poolOf: clean.count - crop, crop: crop, using: &stream) {
            add(snippet, to: row, crop: crop, from: clean, into: out)
          }
        }
      }
    }
    return result
  }
}

extension BatchMixing {
  /// A piece of the pool, and where in the crop it goes; all in samples.
  private struct Snippet {
    let source: Int
    let length: Int
    let place: Int
  }

  /// The snippets for one row; none if its draw is above the probability.
  private func snippets(
    poolOf poolLength: Int, crop: Int, using stream: inout RandomStream
  ) -> [Snippet] {
    guard Double.random(in: 0..<1, using: &stream) < config.probability else { return [] }
    return (0..<Int.random(in: config.snippets, using: &stream)).map { _ in
      let lastSource = poolLength - config.snippetSamples.upperBound
      let source = Int.random(in: 0...lastSource, using: &stream)
      let length = Int.random(in: config.snippetSamples, using: &stream)
      let place = Int.random(in: 0...crop - length, using: &stream)
      return Snippet(source: source, length: length, place: place)
    }
  }

  /// Adds one snippet; the pool of a row is the flat batch with that row left out.
  private func add(
    _ snippet: Snippet, to row: Int, crop: Int, from clean: UnsafeBufferPointer<Float>,
    into out: UnsafeMutableBufferPointer<Float>
  ) {
    let start = row * crop
    for i in 0..<snippet.length {
      let pooled = snippet.source + i
      let noise = clean[pooled < start ? pooled : pooled + crop]
      out[start + snippet.place + i] += config.volume * noise
    }
  }
}
