import Synchronization

/// A block of memory that one or several tensors share; it goes back to the pool with the last.
///
/// The one owner of raw memory in this module. Mutation happens only through a tensor that holds the
/// sole reference (`Tensor.update`), which is what makes the unchecked `Sendable` true.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  private let capacity: Int
  private let converted = Mutex<Tensor?>(nil)

  /// The same numbers in another type, if someone has asked for them since they last changed: the
  /// bfloat16 copy of a parameter is made once and serves a whole step.
  var twin: Tensor? {
    get { converted.withLock { $0 } }
    set { converted.withLock { $0 = newValue } }
  }

  init(byteCount: Int) {
    capacity = BufferPool.capacity(for: byteCount)
    base = BufferPool.take(capacity: capacity)
  }

  deinit { BufferPool.giveBack(base, capacity: capacity) }
}

/// Memory in use by tensors, in bytes.
public struct MemoryStatistics: Sendable {
  /// Held by living tensors.
  public var inUse = 0
  /// The most that was held at once.
  public var peak = 0
  /// Taken from the system so far, never given back; the difference to `inUse` waits to be reused.
  public var reserved = 0

  /// The figures of this process now.
  public static var current: MemoryStatistics { BufferPool.statistics }
}
