import Foundation

/// The memory of all tensors.
///
/// A page touched for the first time costs ten times one that is touched again, so memory never
/// returns to the system. Small buffers are kept in free lists, one for each size. Large buffers
/// are cut from one range of addresses, in which free neighbours are merged: memory that a
/// convolution frees can serve a transformer. So a process reserves little more than the peak of
/// its tensors.
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

/// A range of addresses, reserved as a whole and backed by memory as far as it has been used. A
/// buffer takes the lowest gap that is large enough, which keeps the used part dense.
///
/// Addresses beyond the opened part can be neither read nor written, because a system without
/// overcommit (`vm.overcommit_memory=2`) counts every byte that can.
private struct Arena {
  private let base: UInt
  private let size: Int
  /// How far the range has been used, bytes.
  private var top = 0
  /// How far the range can be read and written, bytes.
  private var open = 0
  private static let opened = 1 << 26
  /// Free ranges below `top`, sorted by address; no two are adjacent.
  private var gaps: [Range<Int>] = []

  init() {
    var size = 4 * Int(ProcessInfo.processInfo.physicalMemory)
    while true {
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
      if let base = mmap(nil, size, PROT_NONE, flags, -1, 0), base != MAP_FAILED {
        (self.base, self.size) = (UInt(bitPattern: base), size)
        return
      }
      // A limit on addresses (ulimit -v) may allow less.
      precondition(size > 1 << 26, "the system reserves no memory for tensors")
      size /= 2
    }
  }

  /// The address of `count` free bytes, and by how much `top` grew.
  mutating func take(_ count: Int) -> (address: UInt, grown: Int) {
    if let i = gaps.firstIndex(where: { $0.count >= count }) {
      let start = gaps[i].lowerBound
      gaps[i] = start + count..<gaps[i].upperBound
      if gaps[i].isEmpty { gaps.remove(at: i) }
      return (base + UInt(start), 0)
    }
    var start = top
    if let last = gaps.last, last.upperBound == top {
      start = last.lowerBound
      gaps.removeLast()
    }
    let grown = start + count - top
    top = start + count
    openUpToTop()
    return (base + UInt(start), grown)
  }

  private mutating func openUpToTop() {
    guard top > open else { return }
    let wanted = min((top + Self.opened - 1) / Self.opened * Self.opened, size)
    let start = UnsafeMutableRawPointer(bitPattern: base + UInt(open))
    precondition(
      top <= size && mprotect(start, wanted - open, PROT_READ | PROT_WRITE) == 0,
      "out of memory: tensors need more than \((top <= size ? open : size) >> 20) MiB")
    open = wanted
  }

  mutating func giveBack(_ address: UInt, _ count: Int) {
    let start = Int(address - base)
    var range = start..<start + count
    var place = index(of: start)
    if place < gaps.count, gaps[place].lowerBound == range.upperBound {
      range = range.lowerBound..<gaps[place].upperBound
      gaps.remove(at: place)
    }
    if place > 0, gaps[place - 1].upperBound == range.lowerBound {
      place -= 1
      range = gaps[place].lowerBound..<range.upperBound
      gaps.remove(at: place)
    }
    gaps.insert(range, at: place)
  }

  /// The number of gaps below an address.
  private func index(of start: Int) -> Int {
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].lowerBound < start { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
