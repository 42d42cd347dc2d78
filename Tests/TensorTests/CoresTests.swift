import Foundation
import Synchronization
import Tensor
import Testing

@Suite struct CoresTests {
  @Test(arguments: [0, 1, 2, 7, 1000])
  func everyItemIsVisitedOnce(count: Int) {
    let visits = (0..<max(1, count)).map { _ in Counter() }
    Cores.parallel(count, grain: 3) { for i in $0 { visits[i].increment() } }
    Cores.forEachBlock(of: count, size: 7) { for i in $0 { visits[i].increment() } }
    Cores.forEach(count) { visits[$0].increment() }
    #expect(visits.prefix(count).allSatisfy { $0.value == 3 })
  }

  @Test func aLoopInsideALoopRuns() {
    let visits = Counter()
    Cores.forEach(4) { _ in Cores.forEach(3) { _ in visits.increment() } }
    #expect(visits.value == 12)
  }

  /// Pieces are a multiple of the grain, cover every item once in order, and are at most 64.
  @Test(arguments: [1, 2, 63, 64, 65, 1000, 100_003], [1, 3, 16, 8192])
  func piecesDependOnTheSizeAlone(count: Int, grain: Int) {
    let number = Cores.pieces(of: count, grain: grain)
    #expect((1...64).contains(number))
    let found = Mutex([Range<Int>](repeating: 0..<0, count: number))
    Cores.parallelPieces(count, grain: grain) { piece, range in
      found.withLock { $0[piece] = range }
    }
    let ranges = found.withLock { $0 }
    #expect(ranges.flatMap(Array.init) == Array(0..<count))
    #expect(ranges.dropLast().allSatisfy { $0.count % grain == 0 })
  }

  /// A thread that sleeps in its piece keeps none of the others waiting.
  @Test func aLateThreadHoldsUpOnePiece() {
    guard Cores.count > 1 else { return }
    let isLate = Atomic(true)
    let others = Counter()
    Cores.forEach(100) { _ in
      if isLate.exchange(false, ordering: .relaxed) {
        while others.value < 99 { usleep(100) }
      } else {
        others.increment()
      }
    }
    #expect(others.value == 99)
  }

  /// Of several errors that of the first item, however the items are handed out; nothing begins long after it.
  @Test func anErrorEndsAMap() {
    struct Failure: Error, Equatable { let item: Int }
    let begun = Counter()
    for _ in 0..<50 {
      let error = #expect(throws: Failure.self) {
        try Cores.map(200) { item throws(Failure) in
          begun.increment()
          if item % 10 == 3 { throw Failure(item: item) }
        }
      }
      #expect(error == Failure(item: 3))
    }
    #expect(begun.value < 50 * 200)
    #expect(Cores.map(5) { $0 * $0 } == [0, 1, 4, 9, 16])
  }

  /// Short loops one after the other meet helpers that spin, pauses between them such that sleep.
  @Test(arguments: [0, 30, 200])
  func loopsFollowOneAnother(microseconds: UInt32) {
    let visits = Counter()
    for _ in 0..<500 {
      Cores.forEach(3) { _ in visits.increment() }
      if microseconds > 0 { usleep(microseconds) }
    }
    #expect(visits.value == 1500)
  }

  @Test func threadsThatAskAtOnceAllGetTheirLoops() async {
    let visits = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<200 {
            Cores.forEach(2) { _ in visits.increment() }
          }
        }
      }
    }
    #expect(visits.value == 8 * 200 * 2)
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}
