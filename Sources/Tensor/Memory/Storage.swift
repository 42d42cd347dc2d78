import Synchronization

/// A block of memory that one or several tensors share; it goes back to the pool with the last.
///
/// The one owner of raw memory in this module. Mutation happens only through a tensor that holds the
/// sole reference (`Tensor.update`), which is what makes the unchecked `Sendable` true.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  private let capacity: Int
  /// Whose memory it is, if not the pool's: a mapped file, which is read and never written.
  private let owner: AnyObject?
  private let copies = Mutex(Copies())

  /// What was made of the numbers since they last changed.
  private struct Copies {
    var twin: Tensor?
    var packed: PackedMatrix?
  }

  /// The same numbers in another type, if someone has asked for them since they last changed: the
  /// bfloat16 copy of a parameter is made once and serves a whole step.
  var twin: Tensor? {
    get { copies.withLock { $0.twin } }
    set { copies.withLock { $0.twin = newValue } }
  }

  /// The same numbers as the right operand of products.
  var packed: PackedMatrix? {
    get { copies.withLock { $0.packed } }
    set { copies.withLock { $0.packed = newValue } }
  }

  /// To be called when the numbers change.
  func dropCopies() { copies.withLock { $0 = Copies() } }

  init(byteCount: Int) {
    capacity = BufferPool.capacity(for: byteCount)
    base = BufferPool.take(capacity: capacity)
    owner = nil
  }

  /// Memory that stays as it is while `owner` lives.
  init(reading base: UnsafeRawPointer, of owner: AnyObject) {
    (self.base, capacity, self.owner) = (UnsafeMutableRawPointer(mutating: base), 0, owner)
  }

  /// Whether the numbers may be changed in place.
  var isOwn: Bool { owner == nil }

  deinit {
    if isOwn { BufferPool.giveBack(base, capacity: capacity) }
  }
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
