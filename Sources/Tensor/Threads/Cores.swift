import Foundation
import Synchronization

/// Runs every parallel loop and product of the process, so that the cores are never oversubscribed.
/// BLAS uses one thread per call.
///
/// Work is cut into pieces by its size alone, never by the number of threads, and whichever thread
/// is free takes the next piece. A thread that another process delays holds up one piece. Sums over
/// pieces are added in the order of the pieces. So every result has the same bits on any number of
/// threads.
public enum Cores {
  private static let chosen = Atomic<Int>(UsableCores.current.count)

  /// The number of threads, by default that of `UsableCores`. No result depends on it.
  /// - Traps when: set below 1.
  public static var count: Int {
    get { chosen.load(ordering: .relaxed) }
    set {
      precondition(newValue >= 1, "Cores.count: needs at least one thread, got \(newValue)")
      chosen.store(newValue, ordering: .relaxed)
    }
  }

  /// The most pieces of a loop: enough for the cores of a large machine, few enough that sums per
  /// piece take little memory.
  private static let mostPieces = 64
  /// The fewest pieces for which waking a thread pays.
  private static let worthThreads = 4

  /// The number of pieces into which `parallel` cuts `count` items.
  public static func pieces(of count: Int, grain: Int) -> Int {
    let size = pieceSize(of: count, grain: grain)
    return max(1, (count + size - 1) / size)
  }

  /// A multiple of `grain`, so that pieces begin where a kernel's tiles do.
  private static func pieceSize(of count: Int, grain: Int) -> Int {
    let grains = max(1, (count + grain - 1) / grain)
    return grain * ((grains + mostPieces - 1) / mostPieces)
  }

  /// Runs `body` over `0..<count`, cut into contiguous pieces.
  ///
  /// `body` must write disjoint memory for disjoint ranges. A nested loop runs on the thread of its
  /// outer loop.
  /// - Parameters:
  ///   - count: The number of items.
  ///   - grain: The items of a piece of a short loop, about 2 microseconds of work. The pieces of a
  ///     long loop are a multiple of it.
  ///   - body: Called with ranges of items, on several threads at once.
  public static func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    parallelPieces(count, grain: grain) { _, range in body(range) }
  }

  /// `parallel` whose `body` also gets the index of its piece, for one partial sum per piece; there
  /// are `pieces(of:grain:)`.
  public static func parallelPieces(
    _ count: Int, grain: Int, _ body: (_ piece: Int, _ range: Range<Int>) -> Void
  ) {
    let (size, pieces) = (pieceSize(of: count, grain: grain), pieces(of: count, grain: grain))
    guard count > 0 else { return }
    let run = { (piece: Int) in body(piece, piece * size..<min(count, (piece + 1) * size)) }
    if pieces < worthThreads { return (0..<pieces).forEach(run) }
    CoreTeam.shared.run(pieces: pieces, run)
  }

  /// Runs `body` for each of `0..<count`, handed out one by one: for items of more than some
  /// microseconds, also of unequal cost.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    CoreTeam.shared.run(pieces: count, body)
  }

  /// Runs `body` over `0..<count` in blocks of `size` items, handed out one by one.
  public static func forEachBlock(of count: Int, size: Int, _ body: (Range<Int>) -> Void) {
    forEach((count + size - 1) / size) { body($0 * size..<min(count, ($0 + 1) * size)) }
  }

  /// Runs `body` with its loops on the calling thread. For work in the background, which must not
  /// delay the loops of the main thread.
  public static func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isAlone.withValue(true, operation: body)
  }

  @TaskLocal static var isAlone = false
}
