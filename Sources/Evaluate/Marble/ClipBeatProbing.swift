import Models
import Tensor

/// The probe of beat tracking in MARBLE's second version: beats and downbeats of clips of 10 s.
///
/// The probe has an output for beats and one for downbeats, each with a cross-entropy of its own. In training the frames
/// beside an event count half, the next ones a quarter. Both are decoded as beats are, see `BeatDecoder`. The score is the
/// F-measure of all clips together at 70 ms; true times are those of frames.
public struct ClipBeatProbing: ProbingMethod {
  static let clipSeconds = 10.0
  private let schedule: ProbeSchedule
  private let fixed: FixedTraining

  /// - Parameters:
  ///   - schedule: How long probes are trained.
  ///   - fixed: Rate, batch and layers.
  public init(schedule: ProbeSchedule, fixed: FixedTraining) {
    (self.schedule, self.fixed) = (schedule, fixed)
  }

  /// What is reported: each is an output of the probe.
  public let metrics = [
    TaskMetric("beatF", name: "beat F"), TaskMetric("downbeatF", name: "downbeat F"),
  ]
  /// What the validation part chooses by.
  public var monitor: TaskMetric { metrics[0] }
  /// Every frame of clips that stand alone.
  public var cut: EmbeddingCut? { Self.frames }
  private static let frames = EmbeddingCut.framesOfStretches(
    .clips(of: clipSeconds, firstChannel: true))

  /// All of them, joined, where the second version has that.
  public var fixesLayers: Bool { fixed.joinsLayers }

  /// Why a setting cannot do this task; nil if it can.
  public func refusal(of setting: MarbleSetting, on dataset: LabelledDataset) -> String? {
    setting.refusal(of: dataset.items[0].truth)
  }

  /// The score of a model.
  /// - Throws: `MarbleError`, and what embedding throws.
  public func outcome(of job: ProbingJob) throws -> MarbleOutcome {
    let embeddings = try job.embeddings(Self.frames)
    let frames = try job.embedder.frameCount(seconds: Self.clipSeconds)
    var parts: [Split: BeatClips] = [:]
    for split in Split.allCases {
      let clips = BeatClips(
        of: split, job.dataset, embeddings, frameRate: job.embedder.frameRate, frames: frames)
      guard clips.count > 0 else { throw job.emptyPart(split, leftOut: embeddings.leftOut) }
      parts[split] = clips
    }
    let (probe, choice) = try best(of: job, parts, embeddings)
    let layers = choice.layer.layers(of: embeddings.layers)
    let found = try parts[.test]!.events(by: probe, layers)
    let values = metrics.enumerated().map { output, metric in
      MarbleOutcome.Value(
        metric: metric, score: BeatClips.pooled(found[output]),
        interval: Bootstrap.interval(of: found[output].count) { items in
          BeatClips.pooled(items.map { found[output][$0] })
        })
    }
    return job.outcome(
      values, choice, counts: parts.mapValues(\.items), leftOut: embeddings.leftOut)
  }

  private func best(
    of job: ProbingJob, _ parts: [Split: BeatClips], _ embeddings: Embeddings
  ) throws -> (probe: Perceptron, choice: MarbleOutcome.Choice) {
    let config = job.grid.config(schedule, fixed)
    return try job.best(layers: embeddings.layers, fixed) { layer, rate in
      let layers = layer.layers(of: embeddings.layers)
      let training = PerceptronTraining(
        config: config, layers: layers, joins: layer == .joined, rate: rate, train: parts[.train]!,
        score: { BeatClips.pooled(try parts[.valid]!.events(by: $0, layers)[0]) })
      return try training.run(width: embeddings.width, outputs: metrics.count)
    }
  }
}

/// Clips of one length with the frames of their beats and downbeats.
struct BeatClips: Sendable {
  private struct Clip: Sendable {
    /// The item that it is of.
    var item: Int
    var rows: Range<Int>
    /// The frames of beats, then those of downbeats.
    var events: [[Int]]
  }

  private let clips: [Clip]
  /// How many items have clips.
  let items: Int
  private let frameRate: Double
  private let frames: Int
  private let embeddings: Embeddings

  /// - Parameter frames: Of a clip.
  init(
    of split: Split, _ dataset: LabelledDataset, _ embeddings: Embeddings, frameRate: Double,
    frames: Int
  ) {
    var (clips, items): ([Clip], Int) = ([], 0)
    for (number, item) in dataset.items.enumerated() where item.split == split {
      let rows = embeddings.rows[number]
      guard case .beats(let beats, let downbeats) = item.truth else {
        preconditionFailure("BeatClips: expected beats, got \(item.truth)")
      }
      let starts = Array(stride(from: rows.lowerBound, to: rows.upperBound, by: frames))
      for (place, start) in starts.enumerated() {
        // Clips follow each other without a gap, however many frames each has.
        let first = Double(place) * ClipBeatProbing.clipSeconds
        let events = [beats, downbeats].map { times in
          Self.frames(of: times.map { $0 - first }, frameRate: frameRate, count: frames)
        }
        clips.append(Clip(item: items, rows: start..<start + frames, events: events))
      }
      items += starts.isEmpty ? 0 : 1
    }
    (self.clips, self.items, self.embeddings) = (clips, items, embeddings)
    (self.frameRate, self.frames) = (frameRate, frames)
  }

  /// The frames nearest to times, seconds, without those that are not in a clip of so many frames.
  private static func frames(of times: [Double], frameRate: Double, count: Int) -> [Int] {
    let frames = times.map { ($0 * frameRate).rounded() }
    return frames.filter { $0 >= 0 && $0 < Double(count) }.map { Int($0) }.uniqued()
  }

  /// For each output, of each item the clips' events that were found and the true ones, seconds.
  func events(by probe: Perceptron, _ layers: [Int]) throws -> [[[BeatItems.Clip]]] {
    let decoder = BeatDecoder(frameRate: frameRate)
    var found = [[[BeatItems.Clip]]](
      repeating: Array(repeating: [], count: items), count: 2)
    for clip in clips {
      let vectors = try layers.map { try embeddings.vectors(Array(clip.rows), layer: $0) }
      let rows = probe(vectors, in: .evaluating()).sigmoid().rows
      for output in found.indices {
        found[output][clip.item].append(
          (
            estimated: decoder.beats(rows.map { $0[output] }),
            reference: clip.events[output].map { Double($0) / frameRate }
          ))
      }
    }
    return found
  }

  /// The F-measure of all clips together; 1 if there is nothing to find and nothing found.
  static func pooled(_ items: [[BeatItems.Clip]]) -> Double {
    let all = items.joined().map {
      BeatFMeasure(estimated: $0.estimated, reference: $0.reference)
    }
    let sum = all.dropFirst().reduce(all[0], +)
    return sum.estimates + sum.references == 0 ? 1 : sum.value
  }
}

extension BeatClips: ProbeTrainingSet {
  var count: Int { clips.count }

  func batch(of numbers: ArraySlice<Int>, layers: [Int], epoch: Int) throws -> ProbeBatch {
    let rows = numbers.flatMap { Array(clips[$0].rows) }
    let targets = Tensor(numbers.flatMap { self.targets(clips[$0]) }, shape: [rows.count, 2])
    let vectors = try layers.map { try embeddings.vectors(rows, layer: $0) }
    // The sum of the means over the frames of both outputs.
    return ProbeBatch(vectors: vectors) { ($0.softplus() - $0 * targets).mean() * 2 }
  }

  /// For each frame that of beats and that of downbeats: 1 on an event, 1/2 and 1/4 beside it.
  private func targets(_ clip: Clip) -> [Float] {
    var targets = [Float](repeating: 0, count: 2 * frames)
    for (output, events) in clip.events.enumerated() {
      for event in events {
        for frame in max(0, event - 2)...min(frames - 1, event + 2) {
          let value = [1, 0.5, 0.25][abs(frame - event)] as Float
          targets[2 * frame + output] = max(targets[2 * frame + output], value)
        }
      }
    }
    return targets
  }
}
