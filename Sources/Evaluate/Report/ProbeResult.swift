/// What a probe on frozen features reached on one task.
public struct ProbeResult: Codable, Sendable, Equatable {
  /// What made the features.
  public enum Kind: String, Codable, Sendable {
    /// A run's model after training.
    case pretrained
    /// The same model as it was before its first step.
    case randomInitialisation
    /// No model at all: hand-made statistics, such as the mean of a log-mel spectrogram.
    case statistics
  }

  /// What differs between one score and the next, besides how the same pieces are dealt into folds.
  public enum Repeats: String, Codable, Sendable {
    /// Nothing: the features have the same weights, or none.
    case folds
    /// The weights: other trainings, or other random initialisations.
    case weights
  }

  /// The run's name, the same for its pre-trained and its random model; or the statistics' name.
  public var model: String
  /// What made the features.
  public var kind: Kind
  /// The task: `key`, `instrument`, `pitch`, `beat`.
  public var task: String
  /// The task of which this is a further metric; nil of its first.
  public var mainTask: String?
  /// What the scores are.
  public var metric: Metric
  /// The score of guessing.
  public var chance: Double
  /// The score on the test split, one per seed; at least one.
  public var scores: [Double]
  /// The seed of each score's folds and, where the weights differ, of these.
  public var seeds: [Int]
  /// What the scores are repeats of, and so what their interval covers.
  public var repeats: Repeats
  /// The layer that the validation parts chose most often, 0 being the front end; nil for statistics, and where that was a
  /// learned mean of layers.
  public var layer: Int?
  /// How often each layer was chosen; nil in older reports and of statistics.
  public var votes: [LayerVotes]?
  /// What the answer to each item was worth, for each seed; nil in older reports, and where the metric is no mean over
  /// items.
  public var items: ItemScores?
  /// What was answered to each item, for each seed; nil in older reports.
  public var answers: ItemAnswers?
  /// What each layer alone reaches, by its number; nil in older reports and of statistics.
  public var layers: [LayerScores]?
  /// What of the music could not be used, once it was heard; nil in older reports and where that is known beforehand.
  public var leftOut: [Omission]?
  /// What a reader of the score has to know, a sentence each; nil as above.
  public var remarks: [String]?

  /// A result; its seeds are 1, 2, 3… unless given.
  public init(
    model: String, kind: Kind, task: String, mainTask: String? = nil, metric: Metric,
    chance: Double,
    scores: [Double], seeds: [Int]? = nil, repeats: Repeats, layer: Int? = nil,
    votes: [LayerVotes]? = nil,
    items: ItemScores? = nil, answers: ItemAnswers? = nil, layers: [LayerScores]? = nil,
    leftOut: [Omission]? = nil, remarks: [String]? = nil
  ) {
    self.model = model
    self.kind = kind
    (self.task, self.mainTask) = (task, mainTask)
    self.metric = metric
    self.chance = chance
    self.scores = scores
    self.seeds = seeds ?? Array(1...max(scores.count, 1))
    self.repeats = repeats
    (self.layer, self.votes) = (layer, votes)
    (self.items, self.answers, self.layers) = (items, answers, layers)
    (self.leftOut, self.remarks) = (leftOut, remarks)
  }

  /// Mean over the seeds with its 95 % interval, which covers the repeats that `repeats` names and, where `items` are
  /// known, the choice of the pieces.
  public var interval: Interval {
    guard let items else { return Interval(of: scores) }
    return Interval(of: scores, items.variance)
  }
}

extension ProbeResult {
  /// The mean score to nine places: that of equal scores does not depend on the order of the seeds.
  var meanScore: Double {
    (scores.reduce(0, +) / Double(scores.count) * 1e9).rounded() / 1e9
  }

  /// Whether its scores show how trainings, or initialisations, differ: one alone shows no spread.
  var coversWeights: Bool { repeats == .weights && scores.count > 1 }

  /// The scores and items of some of its seeds, in their order.
  private func of(_ chosen: [Int]) -> ProbeResult {
    guard chosen != seeds else { return self }
    let places = chosen.map { seeds.firstIndex(of: $0)! }
    var copy = self
    (copy.scores, copy.seeds) = (places.map { scores[$0] }, chosen)
    copy.items = items.flatMap { items in
      ItemScores(pieces: items.pieces, worths: places.map { items.worths[$0] })
    }
    (copy.answers, copy.layers) = (nil, nil)
    return copy
  }

  /// Some results by the seeds that all of them have. Where these are fewer than two, by as many of each, in the order of
  /// the seeds: their trainings are independent, whichever are pairs. Nil if one has a single seed.
  static func paired(_ results: [ProbeResult]) -> [ProbeResult]? {
    let common = (results.first?.seeds ?? []).filter { seed in
      results.allSatisfy { $0.seeds.contains(seed) }
    }
    if common.count > 1 { return results.map { $0.of(common) } }
    let count = results.map(\.seeds.count).min() ?? 0
    return count > 1 ? results.map { $0.of(Array($0.seeds.sorted().prefix(count))) } : nil
  }
}

extension ProbeResult {
  private enum CodingKeys: String, CodingKey {
    case model, kind, task, mainTask, metric, chance, seeds, repeats, layer, layers, votes, items,
      answers, leftOut, remarks
    case scores = "accuracies"
  }

  /// A result as it was written; of one that names no metric, accuracy was the only one.
  /// - Throws: `DecodingError`, also for numbers that no report can be made of.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      model: try fields.decode(String.self, forKey: .model),
      kind: try fields.decode(Kind.self, forKey: .kind),
      task: try fields.decode(String.self, forKey: .task),
      mainTask: try fields.decodeIfPresent(String.self, forKey: .mainTask),
      metric: try fields.decodeIfPresent(Metric.self, forKey: .metric) ?? .accuracy,
      chance: try fields.decode(Double.self, forKey: .chance),
      scores: try fields.decode([Double].self, forKey: .scores),
      seeds: try fields.decode([Int].self, forKey: .seeds),
      repeats: try fields.decode(Repeats.self, forKey: .repeats),
      layer: try fields.decodeIfPresent(Int.self, forKey: .layer),
      votes: try fields.decodeIfPresent([LayerVotes].self, forKey: .votes),
      items: try fields.decodeIfPresent(ItemScores.self, forKey: .items),
      answers: try fields.decodeIfPresent(ItemAnswers.self, forKey: .answers),
      layers: try fields.decodeIfPresent([LayerScores].self, forKey: .layers),
      leftOut: try fields.decodeIfPresent([Omission].self, forKey: .leftOut),
      remarks: try fields.decodeIfPresent([String].self, forKey: .remarks))
    if let flaw {
      throw DecodingError.dataCorruptedError(forKey: .scores, in: fields, debugDescription: flaw)
    }
  }

  /// What keeps it from being one, such as a score that is missing; nil if nothing does.
  private var flaw: String? {
    let counts = [seeds.count, items?.worths.count ?? seeds.count]
    if scores.isEmpty || counts.contains(where: { $0 != scores.count }) {
      return "not one score for each seed"
    }
    if let layers, layers.contains(where: { $0.scores.count != scores.count }) {
      return "not one score of a layer for each seed"
    }
    if Set(seeds).count < seeds.count { return "a seed occurs twice" }
    if let items, Set(items.pieces).count < 2 { return "its items are of fewer than two pieces" }
    return (scores + [chance]).allSatisfy(\.isFinite) ? nil : "a score is no number"
  }
}
