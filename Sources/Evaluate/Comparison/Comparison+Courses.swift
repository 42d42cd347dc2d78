import Foundation
import Train

/// Which checkpoints of the runs a comparison probes.
public enum ProbedCheckpoints: String, CaseIterable, Sendable {
  /// The last one.
  case last
  /// All that the run has kept, for curves over the training: `training.keepEvery` keeps some for good.
  case all
}

extension Comparison {
  /// The courses of the runs, over the steps of which each training of a recipe has a checkpoint; none of models, and
  /// of runs whose trainings were all stopped.
  ///
  /// - Parameters:
  ///   - probing: The tasks and pieces.
  ///   - stops: Why trainings were stopped, by the names of their runs.
  ///   - rows: What random initialisations and last checkpoints reached.
  func courses(
    by probing: Probing, _ stops: [String: Stop], beside rows: [ProbeResult]
  ) throws -> [ProbeCourse] {
    guard checkpoints == .all else { return [] }
    return try zip(contenders, names).compactMap { contender, name in
      let trained = trainings(of: contender).filter { stops[$0.recipe.name] == nil }
      guard let recipe = trained.first?.recipe else { return nil }
      let operations = try recipe.plan().costs.operations
      func point(_ step: Int, _ results: [ProbeResult]) -> ProbeCourse.Point {
        ProbeCourse.Point(
          step: step, hoursHeard: Double(step) * recipe.audioSecondsPerStep / 3600,
          operations: Double(step) * operations, results: results)
      }
      func known(_ kind: ProbeResult.Kind) -> [ProbeResult] {
        rows.filter { $0.model == name && $0.kind == kind }
      }
      let kept = try trained.map { try RunFolder.checkpoints(of: $0.folder).keys.sorted() }
      var points = [point(0, known(.randomInitialisation))]
      for step in kept[0] where kept.allSatisfy({ $0.contains(step) }) {
        let isProbed = kept.allSatisfy { $0.last == step }
        let results =
          try isProbed
          ? known(.pretrained)
          : trainedRows(of: contender, named: name, after: step, by: probing, stops)
        points.append(point(step, results))
      }
      return ProbeCourse(model: name, points: points)
    }
  }
}
