import Synchronization

/// Told how many of how many items are done; calls never overlap, but come from any thread.
public typealias ProgressHandler = (_ done: Int, _ total: Int) -> Void

extension Cores {
  /// `body` of each of `0..<count`, computed on all cores, in order.
  public static func map<Result>(
    _ count: Int, progress: ProgressHandler? = nil, _ body: (Int) -> Result
  ) -> [Result] {
    // Safe: every write happens under the lock, and `forEach` returns after the last of them.
    let state = Mutex(0)
    nonisolated(unsafe) var results = [Result?](repeating: nil, count: count)
    forEach(count) { index in
      nonisolated(unsafe) let result = body(index)
      state.withLock { done in
        results[index] = result
        done += 1
        progress?(done, count)
      }
    }
    return results.compactMap { $0 }
  }
}
