/// What one layer of a model reaches on a task by itself, for each seed: a point of the layer profile.
///
/// Pooling and penalty are chosen on the validation parts, as for the table's score, but the layer is not: to read off
/// the best layer here is to choose it on the test parts. The table's layer is chosen on the validation parts.
public struct LayerScores: Codable, Sendable, Equatable {
  /// The layer; 0 is what enters the first encoder layer.
  public var layer: Int
  /// The score on the test parts, one for each seed.
  public var scores: [Double]

  /// Stores both.
  public init(layer: Int, scores: [Double]) { (self.layer, self.scores) = (layer, scores) }
}

extension LayerScores {
  /// Those of several seeds; nil unless all know the same layers.
  static func of(_ seeds: [[LayerScore]?]) -> [LayerScores]? {
    joined(seeds.map { $0?.map { LayerScores(layer: $0.layer, scores: [$0.score]) } })
  }

  /// Those of several trainings together; nil unless all know the same layers.
  static func joined(_ parts: [[LayerScores]?]) -> [LayerScores]? {
    let known = parts.compactMap(\.self)
    guard let first = known.first, known.count == parts.count,
      known.allSatisfy({ $0.map(\.layer) == first.map(\.layer) })
    else { return nil }
    return first.indices.map { place in
      LayerScores(layer: first[place].layer, scores: known.flatMap { $0[place].scores })
    }
  }
}

/// The profile of a trained model on a task.
struct LayerProfile {
  /// The run's place in the report.
  let run: Int
  let result: ProbeResult
  /// By rising number, at least two.
  let layers: [LayerScores]

  /// Those of all trained models that have more than one layer, and of which no training is missing.
  static func all(in report: ComparisonReport, on task: String) -> [LayerProfile] {
    report.runs.enumerated().compactMap { index, run in
      guard let result = report.probe(run.name, .pretrained, on: task), report.isComplete(result),
        let layers = result.layers, layers.count > 1
      else { return nil }
      return LayerProfile(run: index, result: result, layers: layers)
    }
  }

  /// The mean of each layer, as a table writes it.
  var cells: [String] { layers.map { result.metric.unit.number($0.mean) } }
}

extension LayerScores {
  /// The mean over the seeds.
  var mean: Double { scores.reduce(0, +) / Double(scores.count) }
}
