import Audio
import Foundation
import Models
import Pretrain
import Train

extension Comparison {
  /// The trainings that are still to be made, and the music for them.
  struct Pending {
    /// Every recipe with the first seed before any with the second.
    let trainings: [TrainingRun]
    /// Nil if there are none.
    let scan: Manifest.Scan?
  }

  /// What is to be trained, checked as far as that is possible beforehand; what is trained already can be
  /// read.
  func pendingTrainings() throws -> Pending {
    let all = contenders.map(trainings)
    let inOrder = (0..<(all.map(\.count).max() ?? 0)).flatMap { seed in
      all.filter { $0.count > seed }.map { $0[seed] }
    }
    let scan = try data.map { try Manifest.open($0) }
    var pending: [TrainingRun] = []
    for training in inOrder {
      if try training.isDone() {
        if let scan { try training.check(scan) }
        let summary = try RunSummary(training.folder.lastPathComponent, of: [training], [:])
        _ = try training.encoder()
        watch(.reused(summary.name, summary.music[0]))
      } else {
        try training.check(stages: folder, labels: labels(of: training.recipe))
        pending.append(training)
      }
    }
    guard !pending.isEmpty else { return Pending(trainings: [], scan: nil) }
    guard let scan else { throw ComparisonError.noData(runs: pending.map(\.recipe.name)) }
    return Pending(trainings: pending, scan: scan)
  }

  /// - Returns: Why trainings were stopped, by the names of their runs.
  func train(_ pending: Pending) throws -> [String: Stop] {
    var stops: [String: Stop] = [:]
    guard let scan = pending.scan else { return stops }
    // One of them may have been trained as another's stage by then.
    for training in pending.trainings where try !training.isDone() {
      let name = training.recipe.name
      do {
        try train(training, on: scan)
      } catch {
        guard let stop = Stop(error) else { throw error }
        stops[name] = stop
        watch(.stopped(name, reason: stop.reason))
      }
    }
    return stops
  }

  private func train(_ training: TrainingRun, on scan: Manifest.Scan) throws {
    let recipe = training.recipe
    watch(.run(recipe.name))
    let job = try TrainingJob(
      recipe, data: scan, scratch: folder, cache: cache, stop: stop,
      probe: TrainingProbes.ofBuiltInMusic()
    ) { watch(.training($0)) }
    // A stage that is one of the recipes, or of two of them, is trained once.
    try job.train(
      in: training.folder, labels: labels(of: recipe), stages: folder, .resumingIfThere)
  }

  /// Where the labels that its teachers give are kept, for all recipes with the same teachers.
  func labels(of recipe: Recipe) throws -> URL {
    folder.appendingPathComponent("labels/\(try Teaching.key(of: recipe))")
  }
}
