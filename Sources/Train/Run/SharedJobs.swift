import Cluster
import Files
import Foundation

/// Jobs that ranks take from one pile: each takes another when it has ended the last, and works on it by itself. So a job
/// has the bits of one process, whoever does it, and hosts of different speed end together.
///
/// A job is taken by making a file that only one can make. Nobody has to answer for that while all compute, and a disk
/// needs no locks. A rank that is killed takes all others with it; the same jobs, begun anew, find what was finished.
///
/// ```swift
/// let losses = try SharedJobs(in: folder, among: ranks, stop: stop).run(names) { try train(recipes[$0]) }
/// ```
package struct SharedJobs {
  private let folder: URL
  private let ranks: Ranks
  private let stop: StopRequest

  /// - Parameters:
  ///   - folder: A folder on a disk that all ranks share, for the time of the jobs; the first rank has locked it.
  ///   - ranks: Who works.
  ///   - stop: Ends the work early. Of several ranks, all stop when one is asked to.
  package init(in folder: URL, among ranks: Ranks, stop: StopRequest) {
    (self.folder, self.ranks, self.stop) = (folder, ranks, stop)
  }

  /// Does all jobs. A collective call.
  ///
  /// One rank does them in their order. Several begin with those that take longest.
  ///
  /// - Parameters:
  ///   - names: What each job is called, should it fail.
  ///   - work: How long a job takes, in any unit.
  ///   - isReady: Whether a job can begin, given which have ended. The first that has not ended always can.
  ///   - body: Does a job. What it writes has to be on the disk when it returns.
  /// - Returns: What each job came to, on every rank.
  /// - Throws: Of several ranks all throw alike: `ClusterError.failed` with the rank, the job and its error if one
  ///   failed, which lets the others stop; `TrainingStopped` if that was asked for.
  package func run<Value: Codable>(
    _ names: [String], work: (Int) -> Double = { _ in 1 },
    isReady: (_ job: Int, _ hasEnded: (Int) -> Bool) throws -> Bool = { _, _ in true },
    _ body: (Int) throws -> Value
  ) throws -> [Value] {
    guard ranks.count > 1 else { return try names.indices.map(body) }
    let work = names.indices.map(work)
    let order = names.indices.sorted { (work[$1], $0) < (work[$0], $1) }
    let pile = try JobPile.begun(in: folder, among: ranks)
    // A rank that has nothing to save must not end while others do.
    return try stop.answeringBySaving {
      try pile.passingOn(stop) {
        let report = Report { done in
          var open = order
          while let job = try next(of: &open, on: pile, isReady) {
            do {
              done.append(Report<Value>.Done(job: job, value: try body(job)))
            } catch let error where !(error is TrainingStopped) {
              throw JobFailure(description: "\(names[job]): \(error)")
            }
            try pile.noteEnd(of: job)
          }
        }
        if report.failure != nil { stop.make() }
        let reports = try ranks.gather([report])
        try ranks.lead { try pile.remove() }
        return try values(of: names, reports)
      }
    }
  }

  /// The next job that is ready and that nobody has taken; nil if there will be none.
  private func next(
    of open: inout [Int], on pile: JobPile, _ isReady: (Int, (Int) -> Bool) throws -> Bool
  ) throws -> Int? {
    while true {
      try stop.check()
      for job in open where try isReady(job, pile.hasEnded) {
        open.removeAll { $0 == job }
        if try pile.take(job) { return job }
      }
      if open.isEmpty { return nil }
      usleep(JobPile.interval)
    }
  }

  private func values<Value>(of names: [String], _ reports: [Report<Value>]) throws -> [Value] {
    for (rank, report) in reports.enumerated() {
      if let line = report.failure {
        throw ClusterError.failed(rank: ranks.name(of: rank), line)
      }
    }
    // One speaks for all: one that has saved something, if any has.
    let stopped = reports.compactMap(\.stopped)
    if let stop = stopped.first(where: { $0.run != nil }) ?? stopped.first { throw stop }
    let done = reports.flatMap(\.done).sorted { $0.job < $1.job }
    guard done.map(\.job) == Array(names.indices) else {
      throw ClusterError.differs(
        "\(folder.path): the ranks disagree on who does what; all need one disk that they share")
    }
    return done.map(\.value)
  }
}

/// What a rank has to say of its jobs.
private struct Report<Value: Codable>: Codable {
  struct Done: Codable {
    var job: Int
    var value: Value
  }

  var done: [Done] = []
  /// That it was asked to stop; nil if it was not.
  var stopped: TrainingStopped?
  /// What it failed by; nil if it did not.
  var failure: String?

  init(_ work: (inout [Done]) throws -> Void) {
    do {
      try work(&done)
    } catch let stop as TrainingStopped {
      stopped = stop
    } catch {
      failure = "\(error)"
    }
  }
}

private struct JobFailure: Error, CustomStringConvertible {
  let description: String
}

/// A folder in which files say which jobs are taken and ended, and whether all shall stop.
private struct JobPile {
  private let folder: URL
  private static let prefix = ".jobs-"
  /// Between two looks at it, microseconds.
  static let interval: UInt32 = 300_000

  /// A new one, in place of those that killed ranks left. Its name is new, too: what a network disk remembers of an
  /// old one would be wrong.
  static func begun(in folder: URL, among ranks: Ranks) throws -> JobPile {
    let pile = try ranks.lead { () -> URL in
      for name in try Presence.names(in: folder) ?? [] where name.hasPrefix(prefix) {
        try AtomicFolder.remove(folder.appendingPathComponent(name))
      }
      let pile = folder.appendingPathComponent(prefix + UUID().uuidString)
      try AtomicFolder.make(pile)
      return pile
    }
    try ranks.waitToSee([pile])
    return JobPile(folder: pile)
  }

  /// - Returns: Whether this rank has it now.
  func take(_ job: Int) throws -> Bool { try make("begun-\(job)", exclusively: true) }
  func noteEnd(of job: Int) throws { _ = try make("ended-\(job)") }
  func hasEnded(_ job: Int) -> Bool { isThere("ended-\(job)") }
  func remove() throws { try AtomicFolder.remove(folder) }

  /// Meanwhile a wish to stop goes from this rank to all, and from any to this one.
  func passingOn<Result>(_ stop: StopRequest, _ body: () throws -> Result) rethrows -> Result {
    let (over, gone) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    Thread {
      while over.wait(timeout: .now() + .microseconds(Int(Self.interval))) == .timedOut {
        if isThere("stop") {
          stop.make()
        } else if stop.isMade {
          // If the disk is full, there may be room at the next look.
          _ = try? make("stop")
        }
      }
      gone.signal()
    }.start()
    defer {
      over.signal()
      gone.wait()
    }
    return try body()
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func isThere(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

  /// - Returns: Whether it was made, of a file that only one can make.
  private func make(_ name: String, exclusively: Bool = false) throws -> Bool {
    let flags = O_CREAT | O_WRONLY | O_CLOEXEC | (exclusively ? O_EXCL : 0)
    let descriptor = open(path(name), flags, 0o666)
    guard descriptor < 0 else {
      close(descriptor)
      return true
    }
    guard exclusively, errno == EEXIST else { throw FileError.writing(path(name)) }
    return false
  }
}
