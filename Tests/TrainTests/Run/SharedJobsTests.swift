import Cluster
import Foundation
import Synchronization
import TestSupport
import Testing
import Train

/// Jobs that ranks, here threads, take from one pile.
@Suite struct SharedJobsTests {
  private struct Failure: Error, CustomStringConvertible { let description = "no room" }

  /// A folder, and how often each job was done in it.
  private final class Workshop: Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "jobs-\(UUID())")
    private let done = Mutex<[Int]>([])

    init() throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: folder) }

    var order: [Int] { done.withLock { $0 } }
    func note(_ job: Int) { done.withLock { $0.append(job) } }
    var left: [String] {
      get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path) }
    }
  }

  private let names = (0..<40).map { "job \($0)" }

  @Test(arguments: [1, 2, 5]) func eachIsDoneOnce(ranks: Int) throws {
    let workshop = try Workshop()
    let names = names
    let all = try ThreadCommunicator.run(ranks: ranks) { ranks in
      try SharedJobs(in: workshop.folder, among: ranks, stop: StopRequest()).run(
        names, work: { Double($0 % 7) }
      ) { job -> Int? in
        workshop.note(job)
        return job % 3 == 0 ? nil : 10 * job
      }
    }
    for own in all { #expect(own == names.indices.map { $0 % 3 == 0 ? nil : 10 * $0 }) }
    #expect(workshop.order.sorted() == Array(names.indices))
    #expect(try workshop.left.isEmpty)
  }

  @Test func theLongestAreBegunFirst() throws {
    let workshop = try Workshop()
    _ = try ThreadCommunicator.run(ranks: 2) { ranks in
      try SharedJobs(in: workshop.folder, among: ranks, stop: StopRequest()).run(
        ["short", "long", "longer"], work: { [1, 5, 6][$0] }
      ) { job in
        workshop.note(job)
        usleep(job == 0 ? 0 : 200_000)
        return job
      }
    }
    #expect(Set(workshop.order.prefix(2)) == [1, 2])
  }

  /// A chain has one order, and nobody waits for ever.
  @Test func aJobWaitsForAnother() throws {
    let workshop = try Workshop()
    _ = try ThreadCommunicator.run(ranks: 3) { ranks in
      try SharedJobs(in: workshop.folder, among: ranks, stop: StopRequest()).run(
        ["0", "1", "2", "3"], work: { Double($0) },
        isReady: { job, hasEnded in job == 0 || hasEnded(job - 1) }
      ) { job in
        workshop.note(job)
        return job
      }
    }
    #expect(workshop.order == [0, 1, 2, 3])
  }

  @Test func aFailureStopsAllAndIsNamed() throws {
    let workshop = try Workshop()
    let outcomes = ThreadCommunicator.outcomes(ranks: 3) { ranks in
      let stop = StopRequest()
      return try SharedJobs(in: workshop.folder, among: ranks, stop: stop).run(
        ["a", "b", "c", "d", "e"]
      ) { job in
        if job == 1 { throw Failure() }
        while !stop.isMade { usleep(10_000) }
        return job
      }
    }
    for outcome in outcomes {
      #expect { try outcome.get() } throws: { error in
        "\(error)".hasPrefix("rank ") && "\(error)".hasSuffix(" on here: b: no room")
      }
    }
    #expect(try workshop.left.isEmpty)
  }

  @Test func aStopOfOneStopsAll() throws {
    let workshop = try Workshop()
    let outcomes = ThreadCommunicator.outcomes(ranks: 3) { ranks in
      let stop = StopRequest()
      return try SharedJobs(in: workshop.folder, among: ranks, stop: stop).run(["a", "b", "c"]) {
        if $0 == 2 { stop.make() }
        while !stop.isMade { usleep(10_000) }
        return $0
      }
    }
    for outcome in outcomes { #expect(throws: TrainingStopped.self) { try outcome.get() } }
  }

  /// What a killed comparison left does not count.
  @Test func anOldPileIsCleared() throws {
    let workshop = try Workshop()
    let old = workshop.folder.appending(path: ".jobs-OLD")
    try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
    try Data().write(to: old.appending(path: "begun-0"))
    let all = try ThreadCommunicator.run(ranks: 2) { ranks in
      try SharedJobs(in: workshop.folder, among: ranks, stop: StopRequest()).run(["a"]) { $0 }
    }
    #expect(all == [[0], [0]])
    #expect(try workshop.left.isEmpty)
  }
}
