import Synchronization

/// A block of memory that one or several tensors share. The pool takes it back when the last of
/// them is released.
///
/// Only this class owns raw memory in this module. Memory is changed only through a tensor that
/// holds the sole reference (`Tensor.update`), which makes the unchecked `Sendable` safe.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  private let capacity: Int
  /// The owner of memory that is not the pool's, such as a mapped file, which is read and never
  /// written.
  private let owner: AnyObject?
  private let copies = Mutex(Copies())

  /// Cached copies of the numbers in other layouts.
  private struct Copies {
    var twin: Tensor?
    var packed: PackedMatrix?
    var panels: PanelMatrix?
    var folded: FoldedWeight?
  }

  /// The cached copy in another type. `update` drops it. The `bfloat16` copy of a parameter is made
  /// once and serves a whole step.
  var twin: Tensor? {
    get { copies.withLock { $0.twin } }
    set { copies.withLock { $0.twin = newValue } }
  }

  /// The cached copy in the layout of a right operand of products. `update` drops it.
  var packed: PackedMatrix? {
    get { copies.withLock { $0.packed } }
    set { copies.withLock { $0.packed = newValue } }
  }

  /// The cached copy in the panels of a recurrence. `update` drops it.
  var panels: PanelMatrix? {
    get { copies.withLock { $0.panels } }
    set { copies.withLock { $0.panels = newValue } }
  }

  /// The cached weight of which these numbers are the direction. `update` drops it.
  var folded: FoldedWeight? {
    get { copies.withLock { $0.folded } }
    set { copies.withLock { $0.folded = newValue } }
  }

  /// Drops the cached copies; called whenever the numbers change.
  func dropCopies() { copies.withLock { $0 = Copies() } }

  init(byteCount: Int) {
    capacity = BufferPool.capacity(for: byteCount)
    base = BufferPool.take(capacity: capacity)
    owner = nil
  }

  /// Memory that `owner` holds and that does not change while `owner` lives.
  init(reading base: UnsafeRawPointer, of owner: AnyObject) {
    (self.base, capacity, self.owner) = (UnsafeMutableRawPointer(mutating: base), 0, owner)
  }

  /// Whether the memory is the pool's, so that the numbers may be changed in place.
  var isOwn: Bool { owner == nil }

  deinit {
    if isOwn { BufferPool.giveBack(base, capacity: capacity) }
  }
}

/// Memory in use by tensors, in bytes.
public struct MemoryStatistics: Sendable {
  /// Held by live tensors.
  public var inUse = 0
  /// The greatest value of `inUse` so far.
  public var peak = 0
  /// Taken from the system so far and never returned. The part beyond `inUse` is free for new
  /// tensors.
  public var reserved = 0

  /// The current figures of this process.
  public static var current: MemoryStatistics { BufferPool.statistics }
}
