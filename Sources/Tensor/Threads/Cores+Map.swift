import Synchronization

/// Called with the number of finished items and the number of all items. Calls never overlap, but
/// come from any thread.
public typealias ProgressHandler = (_ done: Int, _ total: Int) -> Void

extension Cores {
  /// The results of `body` for each of `0..<count` in order, computed on all cores.
  ///
  /// After an error no later item is begun. Of several errors the one of the lowest index is thrown, so that
  /// it does not depend on the number of threads.
  public static func map<Result, Failure: Error>(
    _ count: Int, progress: ProgressHandler? = nil, _ body: (Int) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    // Safe: every write happens under the lock, and `forEach` returns after the last write.
    let state = Mutex((done: 0, failed: count))
    nonisolated(unsafe) var results = [Result?](repeating: nil, count: count)
    nonisolated(unsafe) var failure: Failure?
    forEach(count) { index in
      guard state.withLock({ index < $0.failed }) else { return }
      do throws(Failure) {
        nonisolated(unsafe) let result = try body(index)
        state.withLock { state in
          results[index] = result
          state.done += 1
          progress?(state.done, count)
        }
      } catch {
        state.withLock { state in
          if index < state.failed { (state.failed, failure) = (index, error) }
        }
      }
    }
    if let failure { throw failure }
    return results.compactMap { $0 }
  }
}
