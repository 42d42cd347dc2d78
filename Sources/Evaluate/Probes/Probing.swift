import Tensor

/// A model or a plain representation to be probed.
public struct ProbeSubject {
  /// The name in the table.
  public var model: String
  /// What it is: `pretrained`, `random` or `baseline`.
  public var kind: String
  /// Whether the features depend on the seed, as a random initialisation's do.
  public var dependsOnSeed: Bool
  /// The features, of one seed where they depend on it.
  public var features: (_ seed: UInt64) throws -> FrameFeatures

  /// Stores all parts.
  public init(
    model: String, kind: String, dependsOnSeed: Bool = false,
    features: @escaping (_ seed: UInt64) throws -> FrameFeatures
  ) {
    (self.model, self.kind, self.dependsOnSeed) = (model, kind, dependsOnSeed)
    self.features = features
  }
}

/// One line of a table of probes: a model and a task, over all seeds.
public struct ProbeRow: Codable, Sendable, Equatable {
  /// The model's name.
  public var model: String
  /// `pretrained`, `random` or `baseline`.
  public var kind: String
  /// The task's name.
  public var task: String
  /// How many classes the task has.
  public var classes: Int
  /// How many examples, of all parts.
  public var examples: Int
  /// The accuracy of always answering with the most frequent class.
  public var chance: Double
  /// What each seed found.
  public var outcomes: [ProbeOutcome]

  /// The test accuracy of each seed, 0…1.
  public var accuracies: [Double] { outcomes.map(\.accuracy) }
  /// The layer chosen by most seeds, the lowest of equals.
  public var layer: Int {
    let votes = outcomes.reduce(into: [:]) { $0[$1.layer, default: 0] += 1 }
    return votes.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
  }
}

/// Probes models on the tasks of one corpus.
public struct Probing {
  private let recipe: ProbeRecipe
  private let tasks: [ProbeExamples]
  private let pieces: Int
  private let samples: (_ piece: Int, _ sampleRate: Int) throws -> [Float]

  /// - Parameters:
  ///   - pieces: How many pieces the corpus has.
  ///   - samples: The mono audio of a piece at a sample rate.
  public init(
    _ recipe: ProbeRecipe, tasks: [ProbeExamples], pieces: Int,
    samples: @escaping (_ piece: Int, _ sampleRate: Int) throws -> [Float]
  ) {
    (self.recipe, self.tasks, self.pieces, self.samples) = (recipe, tasks, pieces, samples)
  }

  /// One row for each task.
  ///
  /// - Parameter progress: Called with how many pieces were embedded and how many there are.
  public func rows(
    of subject: ProbeSubject, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws -> [ProbeRow] {
    var outcomes = [[ProbeOutcome]](repeating: [], count: tasks.count)
    var pooled: [[Tensor]] = []
    for seed in recipe.seeds {
      if pooled.isEmpty || subject.dependsOnSeed {
        pooled = try pooledFeatures(of: subject.features(seed), progress)
      }
      for (i, task) in tasks.enumerated() {
        outcomes[i].append(
          Probe(recipe).outcome(of: task, layers: pooled[i], pieces: pieces, seed: seed))
      }
    }
    return zip(tasks, outcomes).map { row(of: subject, $0, $1) }
  }

  private func pooledFeatures(
    of features: FrameFeatures, _ progress: (Int, Int) -> Void
  ) throws -> [[Tensor]] {
    try features.pooled(
      for: tasks, samples: { try samples($0, features.sampleRate) }, progress: progress)
  }

  private func row(
    of subject: ProbeSubject, _ task: ProbeExamples, _ outcomes: [ProbeOutcome]
  ) -> ProbeRow {
    ProbeRow(
      model: subject.model, kind: subject.kind, task: task.task, classes: task.classNames.count,
      examples: task.examples.count, chance: task.chance, outcomes: outcomes)
  }
}
