import Tensor

/// What one probe of one seed found.
public struct ProbeOutcome: Codable, Sendable, Equatable {
  /// The seed of the split, and of a random model's weights.
  public var seed: UInt64
  /// The share of the test examples told rightly, 0…1.
  public var accuracy: Double
  /// The same on the validation part, where layer and penalty were chosen.
  public var validationAccuracy: Double
  /// The layer that did best on the validation part; 0 is what enters the first encoder layer.
  public var layer: Int
  /// The penalty `λ` that did best there.
  public var penalty: Float
}

/// Tells the classes of examples from frozen features by logistic regression.
///
/// The layer and the penalty are those of the highest accuracy on the validation part, then of the
/// lowest loss there. The test part is looked at once, by the regression so chosen.
///
/// Source: the frozen-feature setting of MARBLE, Yuan et al. 2023, with a linear probe.
public struct Probe: Sendable {
  private let split: ProbeSplit.Config
  private let regression: LogisticRegression.Config

  /// A probe as the recipe says.
  public init(_ recipe: ProbeRecipe) {
    (split, regression) = (recipe.split, recipe.regression)
  }

  /// - Parameters:
  ///   - layers: One vector per example, `[examples, D]`, for each layer.
  ///   - pieces: How many pieces the corpus has.
  public func outcome(
    of examples: ProbeExamples, layers: [Tensor], pieces: Int, seed: UInt64
  ) -> ProbeOutcome {
    let split = ProbeSplit(pieces: pieces, seed: seed, split)
    let parts = [ProbePart.training, .validation, .test].map { split.rows(of: $0, in: examples) }
    let candidates = layers.enumerated().flatMap { layer, features in
      fitted(layer, features, examples, training: parts[0], validation: parts[1])
    }
    let best = candidates.max { $0.isWorse(than: $1) }!
    let test = Part(examples, layers[best.layer], rows: parts[2])
    return ProbeOutcome(
      seed: seed, accuracy: best.regression.score(test.features, classes: test.classes).accuracy,
      validationAccuracy: best.accuracy, layer: best.layer, penalty: best.regression.penalty)
  }

  private func fitted(
    _ layer: Int, _ features: Tensor, _ examples: ProbeExamples, training: [Int], validation: [Int]
  ) -> [Candidate] {
    let training = Part(examples, features, rows: training)
    let validation = Part(examples, features, rows: validation)
    return LogisticRegression.path(
      fittedTo: training.features, classes: training.classes,
      classCount: examples.classNames.count, regression
    ).map { model in
      let (accuracy, loss) = model.score(validation.features, classes: validation.classes)
      return Candidate(layer: layer, regression: model, accuracy: accuracy, loss: loss)
    }
  }
}

/// Some rows of a layer's features, with their classes.
private struct Part {
  /// `[rows, D]`.
  let features: Tensor
  let classes: [Int32]

  init(_ examples: ProbeExamples, _ features: Tensor, rows: [Int]) {
    self.features = features.gatheringRows(rows)
    classes = rows.map { examples.classes[$0] }
  }
}

/// A fitted regression with its accuracy and loss on the validation part.
private struct Candidate {
  let layer: Int
  let regression: LogisticRegression
  let accuracy: Double
  let loss: Double

  func isWorse(than other: Candidate) -> Bool {
    (accuracy, -loss) < (other.accuracy, -other.loss)
  }
}
