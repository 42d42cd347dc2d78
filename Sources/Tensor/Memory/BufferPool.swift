import Foundation

/// The memory of all tensors.
///
/// A page touched for the first time costs ten times one that is touched again, so memory never
/// returns to the system. Small buffers are kept in free lists, one for each size. Large buffers
/// are cut from an arena, in which free neighbours are merged: memory that a convolution frees can
/// serve a transformer. So a process takes little more than the peak of its tensors.
enum BufferPool {
  private struct State {
    /// Addresses of free small buffers, by capacity.
    var free: [Int: [UInt]] = [:]
    var arena = Arena()
    var statistics = MemoryStatistics()
  }

  private static let state = Guarded(State())
  private static let alignment = 64
  private static let pageSize = 4096
  /// The least byte count of a large buffer.
  private static let large = 1 << 15

  static var statistics: MemoryStatistics { state.withLock { $0.statistics } }

  /// The next power of two for small buffers, whole pages for large ones.
  static func capacity(for byteCount: Int) -> Int {
    if byteCount >= large { return (byteCount + pageSize - 1) / pageSize * pageSize }
    return max(256, byteCount < 2 ? 1 : 1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount))
  }

  static func take(capacity: Int) -> UnsafeMutableRawPointer {
    let address: UInt = state.withLock { state in
      state.statistics.inUse += capacity
      state.statistics.peak = max(state.statistics.peak, state.statistics.inUse)
      if capacity >= large {
        let (address, grown) = state.arena.take(capacity)
        state.statistics.reserved += grown
        return address
      }
      if let address = state.free[capacity]?.popLast() { return address }
      state.statistics.reserved += capacity
      return UInt(
        bitPattern: UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: alignment))
    }
    return UnsafeMutableRawPointer(bitPattern: address)!
  }

  static func giveBack(_ base: UnsafeMutableRawPointer, capacity: Int) {
    let address = UInt(bitPattern: base)
    state.withLock { state in
      state.statistics.inUse -= capacity
      if capacity >= large {
        state.arena.giveBack(address, capacity)
      } else {
        state.free[capacity, default: []].append(address)
      }
    }
  }
}
