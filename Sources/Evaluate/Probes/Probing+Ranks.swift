import Cluster

extension Probing {
  /// What one rank does by itself.
  private enum Job {
    case statistics
    /// All seeds of the recipe if none is given.
    case subject(Int, seed: Int?)
  }

  /// The rows of one job.
  private struct Done: Codable {
    var job: Int
    var rows: [ProbeRow]
  }

  /// The rows of the hand-made statistics and of some subjects, in this order. Several ranks share the work: of random
  /// initialisations, which are embedded anew for each seed, every seed, and of what is embedded once all of it.
  ///
  /// - Parameters:
  ///   - subjects: What is probed.
  ///   - ranks: Who works; this process alone unless given.
  ///   - progress: Called with what this rank probes, how many pieces were embedded and how many there are.
  /// - Returns: The same rows on every rank, which do not depend on their number.
  /// - Throws: `ProbeError.notFinite`, or what reading the pieces or making the features throws; `ClusterError` if another
  ///   rank failed.
  public func rows(
    ofStatisticsAnd subjects: [ProbeSubject], among ranks: Ranks = .alone,
    progress: (_ name: String, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
  ) throws -> [ProbeRow] {
    let jobs = jobs(subjects)
    let own = try ranks.agree {
      try jobs.indices.filter { $0 % ranks.count == ranks.rank }.map { number in
        Done(job: number, rows: try rows(of: jobs[number], subjects, progress))
      }
    }
    let all = try ranks.gather(own).sorted { $0.job < $1.job }
    return ProbeRow.joiningSeeds(all.flatMap(\.rows))
  }

  private func jobs(_ subjects: [ProbeSubject]) -> [Job] {
    [.statistics]
      + subjects.indices.flatMap { number -> [Job] in
        guard subjects[number].kind == .randomInitialisation else {
          return [.subject(number, seed: nil)]
        }
        return seeds.map { .subject(number, seed: $0) }
      }
  }

  private func rows(
    of job: Job, _ subjects: [ProbeSubject], _ progress: (String, Int, Int) -> Void
  ) throws -> [ProbeRow] {
    switch job {
    case .statistics: return try rowsOfStatistics { progress("hand-made statistics", $0, $1) }
    case .subject(let number, let seed):
      let subject = subjects[number]
      let name = seed.map { "\(subject.model), random, seed \($0)" } ?? subject.model
      return try rows(of: subject, seeds: seed.map { [$0] }) { progress(name, $0, $1) }
    }
  }
}

extension ProbeRow {
  /// Rows of which those of one model and task that differ in their seeds alone are one.
  fileprivate static func joiningSeeds(_ rows: [ProbeRow]) -> [ProbeRow] {
    var joined: [ProbeRow] = []
    for row in rows {
      let like = joined.firstIndex {
        ($0.model, $0.task) == (row.model, row.task) && $0.kind == row.kind
      }
      if let like { joined[like].add(row) } else { joined.append(row) }
    }
    return joined
  }

  private mutating func add(_ other: ProbeRow) {
    outcomes += other.outcomes
    items = items.flatMap { own in other.items.flatMap { ItemScores([own, $0]) } }
    answers = ItemAnswers([answers, other.answers])
  }
}
