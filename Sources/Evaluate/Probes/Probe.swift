import Corpus
import Tensor

/// What one probe of one seed found.
public struct ProbeOutcome: Codable, Sendable, Equatable {
  /// What a round chose by its validation part.
  public struct Choice: Codable, Sendable, Equatable {
    /// The layer; 0 is what enters the first encoder layer.
    public var layer: Int
    /// The penalty `λ`.
    public var penalty: Float
    /// The score on the validation part.
    public var validationScore: Double

    private enum CodingKeys: String, CodingKey {
      case layer, penalty
      case validationScore = "validationAccuracy"
    }
  }

  /// The seed of the folds, and of a random model's weights.
  public var seed: Int
  /// The score, by the task's metric, of the answers to all examples while their piece was in the test part.
  public var score: Double
  /// The choice of each round.
  public var choices: [Choice]
  /// The score of each layer, had it been the only one; nil in older results.
  public var layers: [LayerScore]?

  private enum CodingKeys: String, CodingKey {
    case seed, choices, layers
    case score = "accuracy"
  }
}

/// What one layer alone reaches: its score on the test parts, pooling and penalty chosen on the validation parts.
public struct LayerScore: Codable, Sendable, Equatable {
  /// The layer; 0 is what enters the first encoder layer.
  public var layer: Int
  /// The score of the answers to all examples, as `ProbeOutcome.score`.
  public var score: Double
}

/// Predicts the classes of examples from frozen features by logistic regression.
///
/// In each round of the folds, the layer and the penalty are those of the best score on the
/// validation part, then of the lowest loss there. The test part is looked at once, by the
/// regression so chosen. The score is that of the test parts of all rounds together.
///
/// Source: the frozen-feature setting of MARBLE, Yuan et al. 2023, with a linear probe and with
/// rotating parts instead of fixed ones.
public struct Probe: Sendable {
  /// Features to choose from.
  public struct Layer: Sendable {
    /// The layer's number.
    public var number: Int
    /// `[examples, D]`
    public var features: Tensor

    /// Stores both.
    public init(number: Int, features: Tensor) {
      (self.number, self.features) = (number, features)
    }
  }

  private let recipe: ProbeRecipe

  /// A probe with the settings of a recipe.
  public init(_ recipe: ProbeRecipe) { self.recipe = recipe }

  /// - Parameters:
  ///   - examples: Features and classes.
  ///   - layers: What to choose from: one vector per example, `[examples, D]`, each with the number of its layer.
  ///   - pieces: How many pieces the corpus has.
  ///   - seed: The seed of all draws.
  /// - Throws: `ProbeError.nothingToTell` if too few pieces have examples.
  public func outcome(
    of examples: ProbeExamples, layers: [Layer], pieces: Int, seed: Int
  ) throws(ProbeError) -> ProbeOutcome {
    try tested(on: examples, layers: layers, pieces: pieces, seed: seed).outcome
  }

  /// The same, with the answer to each example.
  func tested(
    on examples: ProbeExamples, layers: [Layer], pieces: Int, seed: Int
  ) throws(ProbeError) -> (outcome: ProbeOutcome, answers: [Int32]) {
    let folds = ProbeFolds(pieces: pieces, count: recipe.folds, seed: UInt64(seed))
    let parts = (0..<folds.count).map { round in
      ProbeFolds.Part.allCases.map { folds.rows(of: $0, round: round, in: examples) }
    }
    guard parts.joined().allSatisfy({ !$0.isEmpty }) else { throw .nothingToTell(examples) }
    // The regressions of a round and layer are many short loops, so each core takes its own.
    let candidates = Cores.map(parts.count * layers.count) { i in
      let (round, layer) = i.quotientAndRemainder(dividingBy: layers.count)
      return self.candidates(
        examples, layers[layer], training: parts[round][0], validation: parts[round][1])
    }
    let rounds = parts.indices.map { round in
      Array(candidates[round * layers.count..<(round + 1) * layers.count].joined())
    }
    let chosen = rounds.map { $0.best! }
    let predicted = answers(to: examples, by: chosen, in: parts)
    let outcome = ProbeOutcome(
      seed: seed, score: examples.score(predicted, of: examples.classes),
      choices: chosen.map(\.choice), layers: profile(of: rounds, on: examples, in: parts))
    return (outcome, predicted)
  }

  /// The answers to all examples, those of a round's test part by its candidate.
  private func answers(
    to examples: ProbeExamples, by chosen: [Candidate], in parts: [[[Int]]]
  ) -> [Int32] {
    var predicted = [Int32](repeating: 0, count: examples.classes.count)
    for (candidate, parts) in zip(chosen, parts) {
      let test = candidate.features.gatheringRows(parts[2])
      for (row, answer) in zip(parts[2], candidate.regression.predictions(test)) {
        predicted[row] = answer
      }
    }
    return predicted
  }

  /// The score of each layer by its own best candidates.
  private func profile(
    of rounds: [[Candidate]], on examples: ProbeExamples, in parts: [[[Int]]]
  ) -> [LayerScore] {
    Set(rounds[0].map(\.choice.layer)).sorted().map { layer in
      let chosen = rounds.map { $0.filter { $0.choice.layer == layer }.best! }
      let predicted = answers(to: examples, by: chosen, in: parts)
      return LayerScore(layer: layer, score: examples.score(predicted, of: examples.classes))
    }
  }

  /// A regression of a layer's features for each penalty.
  private func candidates(
    _ examples: ProbeExamples, _ layer: Layer, training: [Int], validation: [Int]
  ) -> [Candidate] {
    let training = Rows(training, of: layer.features, examples)
    let validation = Rows(validation, of: layer.features, examples)
    return LogisticRegression.path(
      fittedTo: training.features, classes: training.classes,
      classCount: examples.classNames.count, recipe.regression
    ).map { Candidate($0, layer, validation: validation, of: examples) }
  }
}

/// Some rows of a layer's features, with their classes.
private struct Rows {
  /// `[rows, D]`.
  let features: Tensor
  let classes: [Int32]

  init(_ rows: [Int], of features: Tensor, _ examples: ProbeExamples) {
    self.features = features.gatheringRows(rows)
    classes = rows.map { examples.classes[$0] }
  }
}

/// A fitted regression and how it does on the validation part.
private struct Candidate {
  let regression: LogisticRegression
  /// What it is fitted to a part of.
  let features: Tensor
  let choice: ProbeOutcome.Choice
  private let loss: Double
  private let metric: Metric

  init(
    _ regression: LogisticRegression, _ layer: Probe.Layer, validation: Rows,
    of examples: ProbeExamples
  ) {
    (self.regression, metric, features) = (regression, examples.metric, layer.features)
    loss = regression.loss(on: validation.features, classes: validation.classes)
    choice = ProbeOutcome.Choice(
      layer: layer.number, penalty: regression.penalty,
      validationScore: examples.score(
        regression.predictions(validation.features), of: validation.classes))
  }

  func isWorse(than other: Candidate) -> Bool {
    let (score, otherScore) = (choice.validationScore, other.choice.validationScore)
    return score == otherScore ? loss > other.loss : metric.isBetter(otherScore, than: score)
  }
}

extension [Candidate] {
  /// That of the best score on the validation part, then of the lowest loss there.
  fileprivate var best: Candidate? { self.max { $0.isWorse(than: $1) } }
}
