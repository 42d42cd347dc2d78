import Foundation

/// A value that one thread at a time may access.
///
/// Like `Mutex` of the standard library, but with a pthread lock, which ThreadSanitizer follows. It
/// does not recognise Swift's `Mutex` and would report every access as a race.
final class Guarded<Value>: @unchecked Sendable {
  // Safe to share: `value` is accessed only while the lock is held.

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value

  init(_ value: Value) {
    self.value = value
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
