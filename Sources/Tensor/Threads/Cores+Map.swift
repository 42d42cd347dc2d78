import Synchronization

/// Called with the number of finished items and the number of all items. Calls never overlap, but
/// come from any thread.
public typealias ProgressHandler = (_ done: Int, _ total: Int) -> Void

extension Cores {
  /// The results of `body` for each of `0..<count` in order, computed on all cores.
  public static func map<Result>(
    _ count: Int, progress: ProgressHandler? = nil, _ body: (Int) -> Result
  ) -> [Result] {
    // Safe: every write happens under the lock, and `forEach` returns after the last write.
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
