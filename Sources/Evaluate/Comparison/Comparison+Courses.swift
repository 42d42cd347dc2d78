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
  /// A step of which every training of a recipe has a checkpoint, and whether that is the last one of each.
  typealias CourseStep = (step: Int, isLast: Bool)

  /// The steps after which each contender is probed for its course, in order; none of models, and of runs whose
  /// trainings were all stopped.
  func courseSteps(_ stops: Stops) throws -> [[CourseStep]] {
    try contenders.map { contender in
      guard checkpoints == .all else { return [] }
      let kept = try trained(of: contender, stops).map {
        try RunFolder.checkpoints(of: $0.folder).keys.sorted()
      }
      let shared = (kept.first ?? []).filter { step in kept.allSatisfy { $0.contains(step) } }
      return shared.map { step in (step, kept.allSatisfy { $0.last == step }) }
    }
  }

  /// The courses of the runs.
  ///
  /// - Parameters:
  ///   - steps: Those of each contender.
  ///   - stops: Why trainings were stopped.
  ///   - rows: What random initialisations and last checkpoints reached.
  ///   - results: What was probed.
  func courses(
    _ steps: [[CourseStep]], _ stops: Stops, beside rows: [ProbeResult],
    in results: [Probed: [ProbeResult]]
  ) throws -> [ProbeCourse] {
    guard checkpoints == .all else { return [] }
    var courses: [ProbeCourse] = []
    for (number, name) in names.enumerated() {
      guard let recipe = trained(of: contenders[number], stops).first?.recipe else { continue }
      let points =
        [(step: 0, results: rows.of(name, .randomInitialisation))]
        + steps[number].map { step, isLast in
          let found =
            isLast
            ? rows.of(name, .pretrained) : joinedRows(of: number, after: step, stops, in: results)
          return (step, found)
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

  /// The trainings of a contender that were not stopped.
  private func trained(of contender: Contender, _ stops: Stops) -> [TrainingRun] {
    trainings(of: contender).filter { stops[$0.folder.path] == nil }
  }
}

extension [ProbeResult] {
  fileprivate func of(_ model: String, _ kind: ProbeResult.Kind) -> [ProbeResult] {
    filter { $0.model == model && $0.kind == kind }
  }
}
