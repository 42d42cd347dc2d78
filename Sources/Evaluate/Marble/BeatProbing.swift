import Models
import Tensor

/// The probe of beat tracking: for each frame whether it is a beat, decoded by a dynamic Bayesian network.
///
/// The first 30 s of a file are embedded once, frame by frame. A training item is 10 s of them from a random frame,
/// another in each epoch; MARBLE embeds the 10 s alone, so its frames have less context. A beat at `t` is frame
/// `round(rate · t)`; in training its neighbours count as beats, too, but for that before the first and that after the
/// last. The loss is the cross-entropy of beat and no beat over all frames.
///
/// The score is the F-measure of all clips together at 70 ms, as the code of MARBLE has it; its paper says 20 ms.
public struct BeatProbing: ProbingMethod {
  private static let seconds = 30.0
  private static let frames = EmbeddingCut.frames(seconds: seconds)
  private static let cropSeconds = 10.0
  private let schedule: ProbeSchedule

  /// - Parameter schedule: How long probes are trained.
  public init(schedule: ProbeSchedule) { self.schedule = schedule }

  private static let pooled = TaskMetric("beatF", name: "beat F")
  private static let mean = TaskMetric("beatFMean", name: "beat F, mean over clips")
  private static let trimmed = TaskMetric("beatFTrimmed", name: "beat F, mean, after 5 s")

  /// What is reported.
  public var metrics: [TaskMetric] { [Self.pooled, Self.mean, Self.trimmed] }
  /// What the validation part chooses by.
  public var monitor: TaskMetric { Self.pooled }
  /// Every frame of the first 30 s.
  public var cut: EmbeddingCut? { Self.frames }

  /// Why a setting cannot do this task; nil if it can.
  public func refusal(of setting: MarbleSetting, on dataset: LabelledDataset) -> String? {
    setting.refusal(of: dataset.items[0].truth)
  }

  /// The score of a model.
  /// - Throws: `MarbleError`, and what embedding throws.
  public func outcome(of job: ProbingJob) throws -> MarbleOutcome {
    let embeddings = try job.embeddings(Self.frames)
    let rate = job.embedder.frameRate
    var parts: [Split: BeatItems] = [:]
    for split in Split.allCases {
      let items = BeatItems(
        of: split, job.dataset, embeddings, frameRate: rate, cropSeconds: Self.cropSeconds,
        seed: job.grid.probe.seed)
      guard items.count > 0 else { throw job.emptyPart(split, leftOut: embeddings.leftOut) }
      parts[split] = items
    }
    let config = job.grid.config(schedule)
    let decoder = BeatDecoder(frameRate: rate)
    let (probe, choice) = try job.best(layers: embeddings.layers) { layer, rate in
      let layers = layer.layers(of: embeddings.layers)
      let training = PerceptronTraining(
        config: config, layers: layers, joins: false, rate: rate, train: parts[.train]!,
        score: { BeatScores(try parts[.valid]!.clips(by: $0, layers, decoder)).pooled })
      return try training.run(width: embeddings.width, outputs: 2)
    }
    let layers = choice.layer.layers(of: embeddings.layers)
    let clips = try parts[.test]!.clips(by: probe, layers, decoder)
    return job.outcome(
      Self.values(clips), choice, counts: parts.mapValues(\.count), leftOut: embeddings.leftOut)
  }

  private static func values(_ clips: [BeatItems.Clip]) -> [MarbleOutcome.Value] {
    let scores: [(TaskMetric, @Sendable (BeatScores) -> Double)] = [
      (pooled, { $0.pooled }), (mean, { $0.mean }), (trimmed, { $0.meanAfterTrim }),
    ]
    return scores.map { metric, score in
      MarbleOutcome.Value(
        metric: metric, score: score(BeatScores(clips)),
        interval: Bootstrap.interval(of: clips.count) { items in
          score(BeatScores(items.map { clips[$0] }))
        })
    }
  }
}

/// The clips of a part with their frames and beats.
struct BeatItems: Sendable {
  /// The beats that a probe found, and the true ones, seconds.
  typealias Clip = (estimated: [Double], reference: [Double])

  private let rows: [Range<Int>]
  /// The frames of the beats of each clip.
  private let beats: [[Int]]
  private let frameRate: Double
  private let cropFrames: Int
  private let embeddings: Embeddings
  /// Of the crops.
  private let seed: UInt64

  init(
    of split: Split, _ dataset: LabelledDataset, _ embeddings: Embeddings, frameRate: Double,
    cropSeconds: Double, seed: Int
  ) {
    let items = dataset.items.indices.filter {
      dataset.items[$0].split == split && !embeddings.rows[$0].isEmpty
    }
    rows = items.map { embeddings.rows[$0] }
    beats = items.map { number in
      guard case .beats(let times, _) = dataset.items[number].truth else {
        preconditionFailure("BeatItems: expected beats, got \(dataset.items[number].truth)")
      }
      // Some annotations go on after the end of the audio.
      let frames = times.map { ($0 * frameRate).rounded() }
      let end = Double(embeddings.rows[number].count)
      return frames.filter { $0 >= 0 && $0 < end }.map(Int.init).uniqued()
    }
    (self.frameRate, self.embeddings, self.seed) = (frameRate, embeddings, UInt64(seed))
    cropFrames = Int((cropSeconds * frameRate).rounded(.down)) + 1
  }

  /// The beats that a probe finds in every clip.
  func clips(
    by probe: Perceptron, _ layers: [Int], _ decoder: BeatDecoder
  ) throws -> [Clip] {
    try rows.indices.map { number in
      let vectors = try layers.map { try embeddings.vectors(Array(rows[number]), layer: $0) }
      let outputs = probe(vectors, in: .evaluating()).softmax().rows
      return (
        estimated: decoder.beats(outputs.map { $0[1] }),
        reference: beats[number].map { Double($0) / frameRate }
      )
    }
  }
}

extension BeatItems: ProbeTrainingSet {
  var count: Int { rows.count }

  /// A crop of each clip.
  func batch(of items: ArraySlice<Int>, layers: [Int], epoch: Int) throws -> ProbeBatch {
    let crops = items.map { crop(of: $0, epoch: epoch) }
    let frames = zip(items, crops).flatMap { item, crop in
      crop.map { rows[item].lowerBound + $0 }
    }
    let classes = zip(items, crops).flatMap { item, crop in
      let beats = widened(item)
      return crop.map { beats.contains($0) ? Int32(1) : 0 }
    }
    let vectors = try layers.map { try embeddings.vectors(frames, layer: $0) }
    return ProbeBatch(vectors: vectors) { $0.crossEntropy(targets: classes).mean() }
  }

  private func crop(of item: Int, epoch: Int) -> Range<Int> {
    let (total, length) = (rows[item].count, min(rows[item].count, cropFrames))
    var generator = RandomStream(seed: seed, purpose: .crop, step: epoch, sample: item)
    let first = Int.random(in: 0...total - length, using: &generator)
    return first..<first + length
  }

  /// The frames of the beats, the one before each but the first, and the one after each but the last.
  private func widened(_ item: Int) -> Set<Int> {
    let beats = beats[item]
    return Set(beats + beats.dropFirst().map { $0 - 1 } + beats.dropLast().map { $0 + 1 })
  }
}
