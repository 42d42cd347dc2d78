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
  /// Taken from the system so far; the difference to `inUse` waits to be reused.
  public var reserved = 0

  /// The figures of this process now.
  public static var current: MemoryStatistics { BufferPool.statistics }
}

/// Keeps freed buffers for the next tensor of about the same size.
///
/// A page touched for the first time costs ten times one that is reused, so nothing returns to the
/// system. Capacities step by a quarter of a power of two: at most a fifth is wasted, and
/// a training step finds all its buffers again in the next.
enum BufferPool {
  private struct State: ~Copyable {
    /// Addresses of free buffers by capacity.
    var free: [Int: [UInt]] = [:]
    var statistics = MemoryStatistics()
  }

  private static let state = Mutex(State())
  private static let alignment = 64

  static var statistics: MemoryStatistics { state.withLock { $0.statistics } }

  /// The smallest step not below `byteCount`.
  static func capacity(for byteCount: Int) -> Int {
    guard byteCount > 256 else { return 256 }
    let power = 1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount)
    let quarter = power / 4
    return (byteCount + quarter - 1) / quarter * quarter
  }

  static func take(capacity: Int) -> UnsafeMutableRawPointer {
    let reused: UInt? = state.withLock { state in
      state.statistics.inUse += capacity
      state.statistics.peak = max(state.statistics.peak, state.statistics.inUse)
      if let address = state.free[capacity]?.popLast() { return address }
      state.statistics.reserved += capacity
      return nil
    }
    if let reused { return UnsafeMutableRawPointer(bitPattern: reused)! }
    return .allocate(byteCount: capacity, alignment: alignment)
  }

  static func giveBack(_ base: UnsafeMutableRawPointer, capacity: Int) {
    let address = UInt(bitPattern: base)
    state.withLock { state in
      state.statistics.inUse -= capacity
      state.free[capacity, default: []].append(address)
    }
  }
}
