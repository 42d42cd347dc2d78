import Foundation
import Models
import Tensor

/// The probe of source separation: for each source a mask network of three LSTM layers, trained on mixtures of stems,
/// scored by the SDR of whole songs.
///
/// Without `--layers` the network sees the learned mean of layers, and the first of `--rates` is used: a grid as that
/// of the other probes would take days.
public struct SeparationProbing: ProbingMethod {
  private let config: MaskTraining.Config

  /// - Parameters:
  ///   - mixturesPerSong: Mixtures of an epoch for each song to train on.
  ///   - units: Of the hidden layers.
  ///   - schedule: How long networks are trained.
  public init(
    mixturesPerSong: Int = 64, units: Int = 512,
    schedule: ProbeSchedule = ProbeSchedule(epochs: 50, patience: 2, stopAfter: 5)
  ) {
    var config = MaskTraining.Config()
    (config.mixturesPerSong, config.units) = (mixturesPerSong, units)
    config.schedule = schedule
    self.config = config
  }

  private static let decibels = ScoreUnit(
    decimals: 1, symbol: "\u{00A0}dB", differences: "dB")

  /// The SDR of each source, decibels.
  public let metrics = ["Vocals", "Drums", "Bass", "Other"].map { source in
    TaskMetric(
      "sdr\(source)", name: "SDR \(source.lowercased())", unit: Self.decibels, best: nil)
  }

  /// The mean of the four.
  public let monitor = TaskMetric("sdr", name: "SDR", unit: Self.decibels, best: nil)

  /// None: mixtures that no song has are heard in each epoch.
  public var cut: EmbeddingCut? { nil }

  /// The learned mean of layers, or the last of a model with few.
  public var fixesLayers: Bool { true }

  /// Why a setting cannot do this task; nil if it can.
  public func refusal(of setting: MarbleSetting, on dataset: LabelledDataset) -> String? {
    setting.refusal(of: dataset.items[0].truth)
  }

  /// The score of a model.
  /// - Throws: `MarbleError`; what the model throws.
  public func outcome(of job: ProbingJob) throws -> MarbleOutcome {
    let frames = SeparationFrames(embedder: job.embedder)
    let (parts, leftOut) = try parts(of: job)
    let (networks, choice) = try best(of: job, frames, parts)
    let layers = choice.layer.layers(of: job.embedder.layers)
    let songs = try ratios(of: networks, layers, on: parts[.test]!, frames)
    let values = metrics.map { metric in
      let source = parts[.test]!.sources.firstIndex { metric.id == "sdr\($0.capitalized)" }!
      let ratios = songs.map { $0[source] }
      return MarbleOutcome.Value(
        metric: metric, score: Self.mean(ratios),
        interval: Bootstrap.interval(of: ratios.count) { Self.mean($0.map { ratios[$0] }) })
    }
    return MarbleOutcome(
      model: job.embedder.name, task: job.task.name, values: values,
      choice: choice,
      counts: parts.mapValues(\.count), leftOut: job.dataset.leftOut + leftOut,
      remarks: job.dataset.remarks)
  }

  /// The songs of each part, and those that cannot be used. A song to train on is as long as a mixture, another as the
  /// shortest that a model hears.
  private func parts(
    of job: ProbingJob
  ) throws(MarbleError) -> ([Split: StemTracks], leftOut: [Omission]) {
    var (parts, leftOut): ([Split: StemTracks], [Omission]) = ([:], [])
    for split in Split.allCases {
      let (tracks, unusable) = StemTracks.usable(
        job.dataset.items.filter { $0.split == split }, sources: job.dataset.classes,
        sampleRate: SeparationFrames.sampleRate,
        least: split == .train ? config.seconds : SeparationFrames.leastSeconds)
      guard tracks.count > 0 else { throw .emptyPart(split, task: job.task.name, unusable) }
      parts[split] = tracks
      leftOut += unusable
    }
    return (parts, leftOut)
  }

  /// The best networks of the grid on the validation songs.
  private func best(
    of job: ProbingJob, _ frames: SeparationFrames, _ parts: [Split: StemTracks]
  ) throws -> (networks: [MaskNetwork], choice: MarbleOutcome.Choice) {
    var grid = job.grid
    if grid.layers == nil { grid = grid.narrow(layers: job.embedder.layers) }
    var config = config
    config.schedule = config.schedule.atMost(grid.epochs)
    config.seed = grid.probe.seed
    let choices = try grid.choices(layers: job.embedder.layers)
    var best: (networks: [MaskNetwork], choice: MarbleOutcome.Choice)?
    for (number, choice) in choices.enumerated() {
      let layers = choice.layer.layers(of: job.embedder.layers)
      let training = MaskTraining(
        config: config, layers: layers, rate: choice.rate, tracks: parts[.train]!, frames: frames,
        file: job.trainingFile(number + 1),
        watch: { job.watch(.epoch(job.task.name, model: job.embedder.name, $0, score: $1)) }
      ) { networks in
        Self.mean(try ratios(of: networks, layers, on: parts[.valid]!, frames).flatMap(\.self))
      }
      let outcome = try training.run()
      job.watch(
        .probing(job.task.name, model: job.embedder.name, number + 1, of: choices.count))
      guard let networks = outcome.weights?.sources,
        outcome.score > best?.choice.score ?? -.infinity
      else {
        continue
      }
      let kept = MarbleOutcome.Choice(
        layer: choice.layer, rate: choice.rate, epoch: outcome.number,
        score: outcome.score)
      best = (networks, kept)
    }
    guard let best else {
      throw MarbleError.diverged(task: job.task.name, model: job.embedder.name)
    }
    return best
  }

  /// For each song the SDR of each source.
  private func ratios(
    of networks: [MaskNetwork], _ layers: [Int], on tracks: StemTracks, _ frames: SeparationFrames
  ) throws -> [[Double]] {
    try (0..<tracks.count).map { number in
      let song = try tracks.song(number)
      let states = try frames.states(of: song.mixture)
      return zip(networks, song.stems).map { network, stem in
        let separator = Separator(network: network, layers: layers, frames: frames)
        let estimate = separator.source(of: song.mixture, states)
        let count = min(estimate[0].count, stem[0].count)
        return SDR.decibels(
          of: estimate.map { Array($0.prefix(count)) },
          reference: stem.map { Array($0.prefix(count)) })
      }
    }
  }

  private static func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(numbers.count)
  }
}

extension ProbeGrid {
  /// One choice: the learned mean of layers, or the last layer of a model with few, at the first rate.
  fileprivate func narrow(layers count: Int) -> ProbeGrid {
    var grid = self
    grid.layers = [count > 2 ? .weighted : .layer(count - 1)]
    grid.rates = [rates?.first ?? 1e-3]
    return grid
  }
}
