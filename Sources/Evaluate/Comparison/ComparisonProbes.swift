import Cluster
import Foundation
import Models

/// What a comparison probes its models on, and how.
///
/// Another kind of labelled music is a type of its own, and a case of ``ProbeData``.
protocol ComparisonProbes {
  /// What is probed; `heard` says on how many of its files each model was trained, by its name.
  func music(heard: [String: Int]) -> ProbedMusic
  /// How many of the files are among some others, by content: those that a model trained on these has heard.
  func count(among files: [String]) -> Int
  /// The content of each file that is probed: `ContentHash.ofFile`.
  var contents: [UInt64] { get }
  /// How the probes are made, a sentence each.
  var method: [String] { get }
  /// Changes when the results of a model with some seeds could: with the files, their labels, and how probes are made.
  var identity: Data { get throws }
  /// The results of a model, one for each task.
  ///
  /// - Parameters:
  ///   - model: What is probed.
  ///   - name: Its name in tables.
  ///   - seeds: Of the probes, and of a random model's weights; the recipe's if nil.
  ///   - watch: Called with what is embedded, how much of it and how much there is.
  func results(
    of model: ProbedModel, named name: String, seeds: [Int]?,
    watch: (_ title: String, _ done: Int, _ of: Int) -> Void
  ) throws -> [ProbeResult]
  /// Those of features that no model made.
  func resultsOfStatistics(
    watch: (_ title: String, _ done: Int, _ of: Int) -> Void
  ) throws -> [ProbeResult]
}

/// A model in a comparison.
enum ProbedModel {
  /// One with its weights.
  case trained(any Encoder)
  /// One before its first step, with other weights for each seed.
  case untrained(RandomStart)

  /// The name in a line about progress.
  func title(_ name: String) -> String {
    if case .untrained = self { "\(name), random" } else { name }
  }
}

extension ProbeData {
  /// Opens the music. That which is built in is rendered already.
  func open(for comparison: Comparison) throws -> any ComparisonProbes {
    switch self {
    case .folder(let path):
      try CorpusProbes(comparison.probes, in: URL(fileURLWithPath: path), comparison.watch)
    case .builtIn(let pieces):
      try CorpusProbes(
        comparison.probes,
        in: pieces.rendered(below: comparison.folder), comparison.watch)
    case .tasks(let tasks, let root):
      try DatasetProbes(
        tasks, below: root, seeds: comparison.probes.seeds,
        store: EmbeddingStore(
          comparison.folder.appendingPathComponent("embeddings")))
    }
  }
}
