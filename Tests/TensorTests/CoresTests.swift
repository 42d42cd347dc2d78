import Foundation
import Synchronization
import Tensor
import Testing

@Suite struct CoresTests {
  @Test(arguments: [0, 1, 2, 7, 1000])
  func everyItemIsVisitedOnce(count: Int) {
    let visits = (0..<max(1, count)).map { _ in Counter() }
    Cores.parallelPieces(count, pieces: 5) { _, range in
      for i in range { visits[i].increment() }
    }
    Cores.forEach(count) { visits[$0].increment() }
    #expect(visits.prefix(count).allSatisfy { $0.value == 2 })
  }

  @Test func aLoopInsideALoopRuns() {
    let visits = Counter()
    Cores.parallelPieces(4, pieces: 4) { _, outer in
      for _ in outer {
        Cores.parallelPieces(3, pieces: 3) { _, inner in inner.forEach { _ in visits.increment() } }
      }
    }
    #expect(visits.value == 12)
  }

  /// Every loop is one piece there, whatever the number of threads, also on the threads of an outer loop.
  @Test func undividedLoopsAreOnePiece() {
    let pieces = Cores.pieces(of: 1_000, grain: 1)
    let inner = Cores.map(3) { _ in Cores.undivided { Cores.pieces(of: 1_000, grain: 1) } }
    #expect(inner == [1, 1, 1])
    #expect(Cores.pieces(of: 1_000, grain: 1) == pieces)
  }

  /// Short loops one after the other meet helpers that spin, pauses between them such that sleep.
  @Test(arguments: [0, 30, 200])
  func loopsFollowOneAnother(microseconds: UInt32) {
    let visits = Counter()
    for _ in 0..<500 {
      Cores.parallelPieces(3, pieces: 3) { _, range in range.forEach { _ in visits.increment() } }
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
            Cores.parallelPieces(2, pieces: 2) { _, range in
              range.forEach { _ in visits.increment() }
            }
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
