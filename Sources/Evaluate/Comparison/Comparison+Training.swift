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
    /// Why others were stopped earlier.
    let stops: Stops
  }

  /// Why trainings were stopped, by the paths of their runs: two contenders may have runs of one name.
  typealias Stops = [String: RunStop]

  /// What is to be trained, checked as far as that is possible beforehand; what is trained already can be
  /// read.
  func pendingTrainings() throws -> Pending {
    let all = contenders.map(trainings)
    let inOrder = (0..<(all.map(\.count).max() ?? 0)).flatMap { seed in
      all.filter { $0.count > seed }.map { $0[seed] }
    }
    let scan = try ranks.agree { try data.map { try Manifest.open($0) } }
    let stops = try ranks.lead { try knownStops(of: inOrder, scan) }
    let open = try ranks.lead {
      try inOrder.indices.filter {
        try stops[inOrder[$0].folder.path] == nil && !isReused(inOrder[$0], scan)
      }
    }
    let pending = open.map { inOrder[$0] }
    guard !pending.isEmpty else { return Pending(trainings: [], scan: nil, stops: stops) }
    try ranks.agree {
      for training in pending {
        try training.check(
          stages: folder, labels: labels(of: training.recipe), sharedBy: ranks.onThisHost)
      }
    }
    guard let scan else { throw ComparisonError.noData(runs: pending.map(\.recipe.name)) }
    try ranks.check(scan.manifest)
    return Pending(trainings: pending, scan: scan, stops: stops)
  }

  /// Why some of these were stopped earlier, as they would be again.
  private func knownStops(of trainings: [TrainingRun], _ scan: Manifest.Scan?) throws -> Stops {
    var stops: Stops = [:]
    for training in trainings {
      guard let stop = try training.knownStop(scan) else { continue }
      stops[training.folder.path] = stop
      let remedy = training.isOwn ? "; remove \(training.folder.path) to train it again" : ""
      watch(.stopped(training.name, reason: "earlier, \(stop.reason)\(remedy)"))
    }
    return stops
  }

  /// Whether there is nothing left to train.
  /// - Throws: If it was trained on other music, or cannot be read.
  private func isReused(_ training: TrainingRun, _ scan: Manifest.Scan?) throws -> Bool {
    try training.checkStart()
    guard try training.isDone() else { return false }
    if let scan { try training.check(scan) }
    try training.checkLog()
    let summary = try RunSummary(training.folder.lastPathComponent, of: [training], [:])
    _ = try training.encoder()
    watch(.reused(summary.name, summary.music[0]))
    return true
  }

  /// Ranks share the trainings. One that needs labels or an earlier stage which another is to make waits until they are
  /// there.
  /// - Returns: Why trainings were stopped, now or earlier.
  func train(_ pending: Pending) throws -> Stops {
    guard let scan = pending.scan else { return pending.stops }
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
    return zip(trainings, trained).reduce(into: pending.stops) { stops, pair in
      stops[pair.0.folder.path] = pair.1.stop
    }
  }

  /// What the rank that made a training knows of it.
  private struct Trained: Codable {
    /// Why it was stopped; nil if it was not.
    var stop: RunStop?
    /// The last checkpoint; nil if it left none.
    var checkpoint: URL?
  }

  /// Why a training was stopped; nil if it was not.
  private func outcome(of training: TrainingRun, on scan: Manifest.Scan) throws -> RunStop? {
    // One of them may have been trained as another's stage by then.
    guard try !training.isDone() else { return nil }
    let recipe = training.recipe
    watch(.run(recipe.name))
    let job = try TrainingJob(
      recipe, data: scan, scratch: ranks.scratch(beside: folder), cache: cache, stop: stop,
      probe: TrainingProbes.ofBuiltInMusic()
    ) { watch(.training($0)) }
    do {
      // A stage that is one of the recipes, or of two of them, is trained once.
      try job.train(
        in: training.folder, labels: labels(of: recipe), stages: folder, .resumingIfThere)
    } catch {
      guard let stop = try job.runStop(by: error, in: training.folder) else { throw error }
      watch(.stopped(recipe.name, reason: stop.reason))
      return stop
    }
    watch(.ended(recipe.name))
    return nil
  }

  /// Where the labels that its teachers give are kept, for all recipes with the same teachers.
  func labels(of recipe: Recipe) throws -> URL {
    folder.appendingPathComponent("labels/\(try Teaching.key(of: recipe))")
  }
}
