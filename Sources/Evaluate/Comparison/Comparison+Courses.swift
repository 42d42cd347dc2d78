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
  /// The courses of the runs; none of models, and of runs whose trainings were all stopped.
  ///
  /// - Parameters:
  ///   - probes: The tasks and pieces.
  ///   - stops: Why trainings were stopped, by the names of their runs.
  ///   - rows: What random initialisations and last checkpoints reached.
  func courses(
    by probes: any ComparisonProbes, _ stops: [String: Stop], beside rows: [ProbeResult]
  ) throws -> [ProbeCourse] {
    guard checkpoints == .all else { return [] }
    var courses: [ProbeCourse] = []
    for (contender, name) in zip(contenders, names) {
      let trained = trainings(of: contender).filter { stops[$0.recipe.name] == nil }
      guard let recipe = trained.first?.recipe else { continue }
      var points = [(step: 0, results: rows.of(name, .randomInitialisation))]
      for (step, isLast) in try stepsKept(by: trained) {
        var results = rows.of(name, .pretrained)
        if !isLast {
          results = try trainedRows(
            of: contender, named: name, after: step, by: probes, stops)
        }
        points.append((step, results))
      }
      let operations = try recipe.plan().costs.operations
      courses.append(
        ProbeCourse(
          model: name,
          points: points.map { step, results in
            ProbeCourse.Point(
              step: step, hoursHeard: Double(step) * recipe.audioSecondsPerStep / 3600,
              operations: Double(step) * operations, results: results)
          }))
    }
    return courses
  }

  /// The steps of which every training of a recipe has a checkpoint, in order, and whether that is the last one of each.
  private func stepsKept(by trainings: [TrainingRun]) throws -> [(step: Int, isLast: Bool)] {
    let kept = try trainings.map { try RunFolder.checkpoints(of: $0.folder).keys.sorted() }
    let shared = kept[0].filter { step in kept.allSatisfy { $0.contains(step) } }
    return shared.map { step in (step, kept.allSatisfy { $0.last == step }) }
  }
}

extension [ProbeResult] {
  fileprivate func of(_ model: String, _ kind: ProbeResult.Kind) -> [ProbeResult] {
    filter { $0.model == model && $0.kind == kind }
  }
}
