import Foundation
import Synchronization

/// Runs every parallel loop and product of the process, so that the cores are never oversubscribed.
/// BLAS uses one thread per call.
public enum Cores {
  private static let chosen = Atomic<Int>(UsableCores.current.count)

  /// The number of threads, by default that of `UsableCores`. The bits of some results depend on it;
  /// set it once, before the first operation.
  /// - Traps when: set below 1.
  public static var count: Int {
    get { isUndivided ? 1 : chosen.load(ordering: .relaxed) }
    set {
      precondition(newValue >= 1, "Cores.count: needs at least one thread, got \(newValue)")
      chosen.store(newValue, ordering: .relaxed)
    }
  }

  /// The number of pieces into which `parallel` cuts `count` items.
  public static func pieces(of count: Int, grain: Int) -> Int {
    max(1, min(Cores.count, count / max(grain, 1)))
  }

  /// Runs `body` over `0..<count`, cut into one contiguous range per thread.
  ///
  /// `body` must write disjoint memory for disjoint ranges. A nested loop runs on the thread of its
  /// outer loop.
  /// - Parameters:
  ///   - count: The number of items.
  ///   - grain: The least number of items that is worth a thread.
  ///   - body: Called with ranges of items, on several threads at once.
  public static func parallel(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    parallelPieces(count, pieces: pieces(of: count, grain: grain)) { _, range in body(range) }
  }

  /// `parallel` with a given number of pieces (`pieces(of:grain:)`); `body` also gets the index of
  /// its piece, for one partial sum per piece.
  public static func parallelPieces(
    _ count: Int, pieces: Int, _ body: (_ piece: Int, _ range: Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    if pieces == 1 { return body(0, 0..<count) }
    CoreTeam.shared.run(pieces: pieces) { piece in
      body(piece, count * piece / pieces..<count * (piece + 1) / pieces)
    }
  }

  /// Runs `body` with its loops on the calling thread, cut into the same pieces. For work in the
  /// background, which must not delay the loops of the main thread.
  public static func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isAlone.withValue(true, operation: body)
  }

  @TaskLocal static var isAlone = false

  /// Runs `body` as on one thread: each of its loops is one piece on the calling thread, and its bits do not
  /// depend on `count`. For the parts of work that is itself cut by its size:
  ///
  /// ```swift
  /// let sums = Cores.map(blocks.count) { i in Cores.undivided { sum(of: blocks[i]) } }
  /// ```
  public static func undivided<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isUndivided.withValue(true, operation: body)
  }

  @TaskLocal private static var isUndivided = false

  /// Runs `body` for each of `0..<count`, handed out one by one: for items of unequal cost.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    guard count > 1, Cores.count > 1 else {
      for i in 0..<count { body(i) }
      return
    }
    let next = Atomic<Int>(0)
    CoreTeam.shared.run(pieces: min(count, Cores.count)) { _ in
      while true {
        let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if i >= count { return }
        body(i)
      }
    }
  }
}
