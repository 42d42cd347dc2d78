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
    /// The accuracy on the validation part, 0…1.
    public var validationAccuracy: Double
  }

  /// The seed of the folds, and of a random model's weights.
  public var seed: Int
  /// The share of all examples told rightly while their piece was in the test part, 0…1.
  public var accuracy: Double
  /// The choice of each round.
  public var choices: [Choice]
}

/// Tells the classes of examples from frozen features by logistic regression.
///
/// In each round of the folds, the layer and the penalty are those of the highest accuracy on the
/// validation part, then of the lowest loss there. The test part is looked at once, by the
/// regression so chosen.
///
/// Source: the frozen-feature setting of MARBLE, Yuan et al. 2023, with a linear probe and with
/// rotating parts instead of fixed ones.
public struct Probe: Sendable {
  private let recipe: ProbeRecipe

  /// A probe as the recipe says.
  public init(_ recipe: ProbeRecipe) { self.recipe = recipe }

  /// - Parameters:
  ///   - examples: Features and classes.
  ///   - layers: One vector per example, `[examples, D]`, for each layer.
  ///   - pieces: How many pieces the corpus has.
  ///   - seed: The seed of all draws.
  /// - Throws: `ProbeError.nothingToTell` if too few pieces have examples.
  public func outcome(
    of examples: ProbeExamples, layers: [Tensor], pieces: Int, seed: Int
  ) throws(ProbeError) -> ProbeOutcome {
    let folds = ProbeFolds(pieces: pieces, count: recipe.folds, seed: UInt64(seed))
    var hits = 0
    var choices: [ProbeOutcome.Choice] = []
    for round in 0..<folds.count {
      let parts = ProbeFolds.Part.allCases.map { folds.rows(of: $0, round: round, in: examples) }
      guard parts.allSatisfy({ !$0.isEmpty }) else { throw .nothingToTell(examples) }
      let best = candidates(examples, layers, training: parts[0], validation: parts[1])
        .max { $0.isWorse(than: $1) }!
      choices.append(best.choice)
      let test = Rows(parts[2], of: layers[best.choice.layer], examples)
      hits += best.regression.score(test.features, classes: test.classes).hits
    }
    return ProbeOutcome(
      seed: seed, accuracy: Double(hits) / Double(examples.classes.count), choices: choices)
  }

  /// A regression for each layer and penalty.
  private func candidates(
    _ examples: ProbeExamples, _ layers: [Tensor], training: [Int], validation: [Int]
  ) -> [Candidate] {
    layers.enumerated().flatMap { layer, features in
      let training = Rows(training, of: features, examples)
      let validation = Rows(validation, of: features, examples)
      return LogisticRegression.path(
        fittedTo: training.features, classes: training.classes,
        classCount: examples.classNames.count, recipe.regression
      ).map { Candidate($0, layer: layer, validation: validation) }
    }
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
  let choice: ProbeOutcome.Choice
  let loss: Double

  init(_ regression: LogisticRegression, layer: Int, validation: Rows) {
    let score = regression.score(validation.features, classes: validation.classes)
    (self.regression, loss) = (regression, score.loss)
    choice = ProbeOutcome.Choice(
      layer: layer, penalty: regression.penalty,
      validationAccuracy: Double(score.hits) / Double(validation.classes.count))
  }

  func isWorse(than other: Candidate) -> Bool {
    (choice.validationAccuracy, -loss) < (other.choice.validationAccuracy, -other.loss)
  }
}
