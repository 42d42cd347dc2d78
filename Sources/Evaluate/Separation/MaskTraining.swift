import Audio
import Models
import Optimisation
import Tensor

/// Trains the mask networks of all sources side by side, on the same mixtures and frames of a model.
///
/// A batch is mixed from stems as `StemTracks.mix` says. The loss of a network is the mean square of the difference of
/// the magnitudes.
struct MaskTraining {
  /// The numbers of a training.
  struct Config: Sendable {
    /// Seconds of a mixture.
    var seconds = 6.0
    /// Mixtures of an epoch for each song.
    var mixturesPerSong = 64
    /// Mixtures of a batch.
    var batchSize = 32
    /// Units of the hidden layers.
    var units = 512
    var schedule = ProbeSchedule(epochs: 50, patience: 2, stopAfter: 5)
    var seed = 1234
  }

  let config: Config
  let layers: [Int]
  let rate: Float
  let tracks: StemTracks
  let frames: SeparationFrames
  /// The score on the validation part of one network for each source.
  let score: ([MaskNetwork]) throws -> Double

  /// The networks of the epoch with the best score.
  func run() throws -> BestEpoch<[MaskNetwork]> {
    var networks = untrained
    for number in networks.indices { networks[number].trackGradients() }
    var optimisers = networks.map { AdamW(.adam, for: $0) }
    return try BestEpoch(config.schedule, rate: rate) { epoch, rate in
      try update(&networks, by: &optimisers, rate: rate, epoch: epoch)
      let trained = networks.map { $0.detached() }
      return (trained, try score(trained))
    }
  }

  private var untrained: [MaskNetwork] {
    tracks.sources.indices.map { source in
      var generator = RandomStream(
        seed: UInt64(config.seed), purpose: .initialisation, step: source)
      return MaskNetwork(
        width: frames.width, layers: layers.count, bins: frames.transform.bins,
        units: config.units, using: &generator)
    }
  }

  private func update(
    _ networks: inout [MaskNetwork], by optimisers: inout [AdamW], rate: Float, epoch: Int
  ) throws {
    let count = tracks.count * config.mixturesPerSong
    for start in stride(from: 0, to: count, by: config.batchSize) {
      let batch = try batch(start..<min(start + config.batchSize, count), epoch: epoch)
      for source in networks.indices {
        let pass = ForwardPass.training(
          seed: UInt64(config.seed &+ source), step: optimisers[source].step,
          samples: Array(0..<batch.mixture.shape[0]), keeping: .batchStatistics)
        let estimate = networks[source](batch.states, of: batch.mixture, in: pass)
        let loss = (estimate - batch.targets[source]).squared().mean()
        optimisers[source].update(&networks[source], along: loss.gradients(), rate: rate)
        networks[source].updateStatistics(from: pass.batchStatistics)
      }
    }
  }

  /// What the networks see of some mixtures.
  private struct Batch {
    /// `[B, T, D]` of each layer.
    var states: [Tensor]
    /// `[B, T, bins]`
    var mixture: Tensor
    /// Of each source.
    var targets: [Tensor]
  }

  private func batch(_ numbers: Range<Int>, epoch: Int) throws -> Batch {
    let mixtures = try Cores.map(numbers.count) { place in
      try mixture(numbers.lowerBound + place, epoch: epoch)
    }
    return Batch(
      states: layers.indices.map { layer in .stacked(mixtures.map { $0.states[layer] }) },
      mixture: .stacked(mixtures.map(\.mixture)),
      targets: tracks.sources.indices.map { source in
        .stacked(mixtures.map { $0.targets[source] })
      })
  }

  private func mixture(
    _ number: Int, epoch: Int
  ) throws -> (states: [Tensor], mixture: Tensor, targets: [Tensor]) {
    var generator = RandomStream(
      seed: UInt64(config.seed), purpose: .mixing, step: epoch, sample: number)
    let stems = try tracks.mix(seconds: config.seconds, using: &generator)
    let mixture = (0..<2).map { channel in
      stems.dropFirst().reduce(stems[0][channel]) { sum, stem in zip(sum, stem[channel]).map(+) }
    }
    let states = try frames.states(of: mixture)
    return (layers.map { states[$0] }, frames.magnitudes(mixture), stems.map(frames.magnitudes))
  }
}
