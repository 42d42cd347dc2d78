import Models
import Optimisation
import Tensor

/// Trains an encoder and its head on audio, epoch after epoch.
///
/// An epoch takes the items in a random order. An update is made after every `batchSize` stretches; those of an item stay
/// together. Stretches of one length pass the encoder side by side, up to `seconds` of audio, and a layer of the encoder
/// is computed again for its gradient: memory depends neither on the batch nor on the number of layers that keep values.
/// What is random depends on seed and step alone, so the same seed gives the same bits, also where a training goes on
/// from its file.
struct FineTuningRun {
  let config: Perceptron.Config
  let tuning: FineTuning
  let layer: LayerChoice
  let rate: Float
  let encoder: any Encoder
  let precision: Precision
  let parts: [Split: StretchAudio]
  let scoring: StretchScoring
  /// Where it is kept how far the training has come; nil if it is not.
  let file: TrainingFile?
  /// Called after each epoch with its number and score.
  let watch: (Int, Double) -> Void

  /// The audio that passes the encoder at once. A longer stretch is cut to a part of this length, another one in each
  /// epoch.
  private static let seconds = 31.0

  /// - Throws: `MarbleError.nothingToTrain`; `AudioError` if a file cannot be read any more; `FileError` if that of the
  ///   training cannot be read or written.
  func run() throws -> BestEpoch<FineTuned> {
    let model = try untrained()
    var progress = TrainingProgress(model, model.optimiser)
    return try progress.train(
      config.schedule, rate: rate, items: parts[.train]!.count, file,
      step: { try update(&$0, rate: $1, batch(of: order($0.epoch)[$0.items...])) },
      score: { trained, epoch in
        let score = scoring.best(try outputs(of: trained, for: parts[.valid]!)).score
        watch(epoch, score)
        return score
      })
  }

  private var layers: [Int] { layer.layers(of: encoder.config.layers + 1) }

  private func untrained() throws(MarbleError) -> FineTuned {
    var generator = RandomStream(seed: UInt64(config.seed), purpose: .initialisation)
    let head = Perceptron(
      width: encoder.config.width, layers: layers.count, outputs: scoring.classes.count, config,
      using: &generator)
    let model = FineTuned(encoder, tuning.part, head: head, using: &generator)
    guard model.trainsEncoder(tuning.part) else { throw .nothingToTrain(tuning) }
    return model
  }

  private func order(_ epoch: Int) -> [Int] {
    var generator = RandomStream(seed: UInt64(config.seed), purpose: .probe, step: epoch)
    return (0..<parts[.train]!.count).shuffled(using: &generator)
  }

  /// The first of some items, so many that they have `batchSize` stretches.
  private func batch(of items: ArraySlice<Int>) -> [Int] {
    var stretches = 0
    let last = items.firstIndex { item in
      stretches += parts[.train]!.stretches[item]
      return stretches >= config.batchSize
    }
    return last.map { Array(items[...$0]) } ?? Array(items)
  }

  private func update(
    _ progress: inout TrainingProgress<FineTuned>, rate: Float, _ batch: [Int]
  ) throws {
    let (step, epoch) = (progress.optimiser.step, progress.epoch)
    let total = batch.reduce(0) { $0 + parts[.train]!.stretches[$1] }
    var (gradients, statistics, done) = (Gradients(), [[BatchStatistics]](), 0)
    try forEachGroup(of: batch, epoch: epoch) { group in
      let pass = ForwardPass.training(
        seed: UInt64(config.seed), step: step, samples: Array(done..<done + group.count),
        precision: precision, keeping: [.hiddenStates, .batchStatistics], recomputingLayers: true)
      let outputs = progress.model(group.tensor, layers: layers, in: pass)
      let loss = Truth.loss(of: outputs, group.truth) * (Float(group.count) / Float(total))
      gradients.add(loss.gradients())
      statistics.append(pass.batchStatistics)
      done += group.count
    }
    progress.update(along: gradients, rate: rate, items: batch.count)
    for measured in statistics { progress.model.updateStatistics(from: measured) }
  }

  /// Calls `body` with the stretches of a batch, as many at once as pass the encoder side by side.
  private func forEachGroup(
    of batch: [Int], epoch: Int, _ body: (StretchGroup) throws -> Void
  ) throws {
    let (train, samples) = (parts[.train]!, Self.seconds * Double(encoder.config.sampleRate))
    var group = StretchGroup()
    for item in batch {
      for (place, waveform) in try train.waveforms(of: item).enumerated() {
        let waveform = cropped(waveform, item: item, place: place, epoch: epoch)
        if !group.takes(waveform, upTo: samples) {
          try body(group)
          group = StretchGroup()
        }
        group.append(waveform, train.truth[item])
      }
    }
    try body(group)
  }

  private func cropped(_ waveform: [Float], item: Int, place: Int, epoch: Int) -> [Float] {
    let length = Int(Self.seconds * Double(encoder.config.sampleRate))
    guard waveform.count > length else { return waveform }
    var generator = RandomStream(
      seed: UInt64(config.seed), purpose: .crop, step: epoch, sample: item &* 4096 &+ place)
    let first = Int.random(in: 0...waveform.count - length, using: &generator)
    return Array(waveform[first..<first + length])
  }

  /// For each item of a part the outputs of its stretches.
  func outputs(of model: FineTuned, for part: StretchAudio) throws -> StretchScoring.Outputs {
    let (encoder, head) = (model.model.detached(), model.head)
    let outputs = try Cores.map(part.count) { item in
      try part.waveforms(of: item).map { waveform in
        let states = try encoder.stackedHiddenStates(
          ofPrepared: waveform, layers: layers, precision: precision,
          windows: EncoderWindows(seconds: 60)
        ).mean(axis: 1)
        let vectors = layers.indices.map { states.sliced(axis: 0, $0..<$0 + 1) }
        return head(vectors, in: .evaluating()).rows[0]
      }
    }
    return scoring.items(of: outputs, part.truth)
  }
}

/// Stretches of one length that pass an encoder side by side.
private struct StretchGroup {
  private var waveforms: [[Float]] = []
  private(set) var truth: [Truth] = []

  var count: Int { waveforms.count }
  /// `[B, samples]`
  var tensor: Tensor { Tensor(waveforms.flatMap(\.self), shape: [count, waveforms[0].count]) }

  func takes(_ waveform: [Float], upTo samples: Double) -> Bool {
    guard let first = waveforms.first else { return true }
    return first.count == waveform.count && Double((count + 1) * first.count) <= samples
  }

  mutating func append(_ waveform: [Float], _ truth: Truth) {
    waveforms.append(waveform)
    self.truth.append(truth)
  }
}
