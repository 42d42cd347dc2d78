import Audio
import Models
import Optimisation
import Tensor

/// Trains the mask networks of all sources side by side, on the same mixtures and frames of a model.
///
/// A batch is mixed from stems as `StemTracks.mix` says. The loss of a network is the mean square of the difference of
/// the magnitudes. One optimiser has the weights of all; as nothing is clipped, it moves each network as one of its own
/// would.
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
  /// Where it is kept how far the training has come; nil if it is not.
  let file: TrainingFile?
  /// Called after each epoch with its number and score.
  let watch: (Int, Double) -> Void
  /// The score on the validation part of one network for each source.
  let score: ([MaskNetwork]) throws -> Double

  /// The networks of the epoch with the best score.
  func run() throws -> BestEpoch<MaskNetworks> {
    let networks = untrained
    var progress = TrainingProgress(networks, AdamW(.adam, for: networks))
    let count = tracks.count * config.mixturesPerSong
    return try progress.train(
      config.schedule, rate: rate, items: count, file,
      step: { progress, rate in
        let numbers = progress.items..<min(progress.items + config.batchSize, count)
        try update(&progress, rate: rate, batch(numbers, epoch: progress.epoch))
      },
      score: { trained, epoch in
        let score = try score(trained.sources)
        watch(epoch, score)
        return score
      })
  }

  private var untrained: MaskNetworks {
    var networks = MaskNetworks(
      sources: tracks.sources.indices.map { source in
        var generator = RandomStream(
          seed: UInt64(config.seed), purpose: .initialisation, step: source)
        return MaskNetwork(
          width: frames.width, layers: layers.count, bins: frames.transform.bins,
          units: config.units, using: &generator)
      })
    networks.trackGradients()
    return networks
  }

  private func update(
    _ progress: inout TrainingProgress<MaskNetworks>, rate: Float, _ batch: Batch
  ) throws {
    let (step, count) = (progress.optimiser.step, batch.mixture.shape[0])
    var (gradients, statistics) = (Gradients(), [[BatchStatistics]]())
    for (source, network) in progress.model.sources.enumerated() {
      let pass = ForwardPass.training(
        seed: UInt64(config.seed &+ source), step: step, samples: Array(0..<count),
        keeping: .batchStatistics)
      let estimate = network(batch.states, of: batch.mixture, in: pass)
      gradients.add((estimate - batch.targets[source]).squared().mean().gradients())
      statistics.append(pass.batchStatistics)
    }
    progress.update(along: gradients, rate: rate, items: count)
    for (source, measured) in statistics.enumerated() {
      progress.model.sources[source].updateStatistics(from: measured)
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

/// One network for each source.
struct MaskNetworks: Module {
  var sources: [MaskNetwork]

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("sources", &sources)
  }
}
