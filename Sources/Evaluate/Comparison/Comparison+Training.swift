import Audio
import Cluster
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
    let scan = try ranks.agree { try data.map { try Manifest.open($0) } }
    let open = try ranks.lead { try inOrder.indices.filter { try !isReused(inOrder[$0], scan) } }
    let pending = open.map { inOrder[$0] }
    guard !pending.isEmpty else { return Pending(trainings: [], scan: nil) }
    try ranks.agree {
      for training in pending {
        try training.check(
          stages: folder, labels: labels(of: training.recipe), sharedBy: ranks.onThisHost)
      }
    }
    guard let scan else { throw ComparisonError.noData(runs: pending.map(\.recipe.name)) }
    try ranks.check(scan.manifest)
    return Pending(trainings: pending, scan: scan)
  }

  /// Whether there is nothing left to train.
  /// - Throws: If it was trained on other music, or cannot be read.
  private func isReused(_ training: TrainingRun, _ scan: Manifest.Scan?) throws -> Bool {
    guard try training.isDone() else { return false }
    if let scan { try training.check(scan) }
    let summary = try RunSummary(training.folder.lastPathComponent, of: [training], [:])
    _ = try training.encoder()
    watch(.reused(summary.name, summary.music[0]))
    return true
  }

  /// Ranks share the trainings. One that needs labels or an earlier stage which another is to make waits until they are
  /// there.
  /// - Returns: Why trainings were stopped, by the names of their runs.
  func train(_ pending: Pending) throws -> [String: Stop] {
    guard let scan = pending.scan else { return [:] }
    let trainings = pending.trainings
    let needs = try trainings.map {
      try SharedNeeds(of: $0, labels: labels(of: $0.recipe), stages: folder)
    }
    let trained = try SharedJobs(in: folder, among: ranks, stop: stop).run(
      trainings.map { "run \($0.recipe.name)" }, work: { trainings[$0].operations },
      isReady: { job, hasEnded in
        try (0..<job).allSatisfy { try hasEnded($0) || needs[job].areMade(besides: needs[$0]) }
      }
    ) { number in
      let stop = try outcome(of: trainings[number], on: scan)
      return Trained(stop: stop, checkpoint: try trainings[number].folder.latestCheckpoint)
    }
    try ranks.waitToSee(trained.compactMap(\.checkpoint))
    return Dictionary(
      uniqueKeysWithValues: zip(trainings, trained).compactMap { training, trained in
        trained.stop.map { (training.recipe.name, $0) }
      })
  }

  /// What the rank that made a training knows of it.
  private struct Trained: Codable {
    /// Why it was stopped; nil if it was not.
    var stop: Stop?
    /// The last checkpoint; nil if it left none.
    var checkpoint: URL?
  }

  /// Why a training was stopped; nil if it was not.
  private func outcome(of training: TrainingRun, on scan: Manifest.Scan) throws -> Stop? {
    // One of them may have been trained as another's stage by then.
    guard try !training.isDone() else { return nil }
    let name = training.recipe.name
    do {
      try train(training, on: scan)
    } catch {
      guard let stop = Stop(error, of: training) else { throw error }
      watch(.stopped(name, reason: stop.reason))
      return stop
    }
    watch(.ended(name))
    return nil
  }

  private func train(_ training: TrainingRun, on scan: Manifest.Scan) throws {
    let recipe = training.recipe
    watch(.run(recipe.name))
    let job = try TrainingJob(
      recipe, data: scan, scratch: ranks.scratch(beside: folder), cache: cache, stop: stop,
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
