import Foundation

/// The memory of large buffers: ranges of addresses that are mapped as they are needed.
///
/// Each range is placed behind the previous one, where no other mapping of the process lies, so that
/// all are one range in practice. A buffer takes the lowest gap that is large enough, which keeps the
/// used part dense. Nothing is reserved in advance: a limit of addresses (`ulimit -v`) counts all
/// that is reserved, and a system without overcommit (`vm.overcommit_memory=2`) all that may be
/// written.
struct Arena {
  /// How far the newest range has been used.
  private var top: UInt
  /// The end of the newest range.
  private var end: UInt
  /// Free ranges that have been used, sorted by address; no two are adjacent.
  private var gaps: [Range<UInt>] = []

  private static let pageSize = UInt(getpagesize())
  /// Bytes mapped at once. A call of the system for each 64 MiB costs nothing beside touching them.
  private static let step: UInt = 1 << 26

  /// Starts far below the mappings of other code, which the system places downwards from the highest
  /// free address.
  init() {
    let room = 4 * UInt(ProcessInfo.processInfo.physicalMemory)
    let found = Self.map(Self.step, at: 0) ?? 0..<0
    Self.unmap(found)
    top = found.lowerBound > room ? (found.lowerBound - room) / Self.step * Self.step : 0
    end = top
  }

  /// The address of `byteCount` free bytes, and by how much the used memory grew.
  mutating func take(_ byteCount: Int) -> (address: UInt, grown: Int) {
    let count = UInt(byteCount)
    if let i = gaps.firstIndex(where: { $0.count >= byteCount }) {
      let start = gaps[i].lowerBound
      gaps[i] = start + count..<gaps[i].upperBound
      if gaps[i].isEmpty { gaps.remove(at: i) }
      return (start, 0)
    }
    let place = index(of: top)
    let isFreeBelow = place > 0 && gaps[place - 1].upperBound == top
    let start = isFreeBelow ? gaps[place - 1].lowerBound : top
    guard extend(to: start + count) else { return jump(taking: count) }
    if isFreeBelow { gaps.remove(at: place - 1) }
    defer { top = start + count }
    return (start, Int(start + count - top))
  }

  /// Maps addresses behind the newest range up to `limit`. False if another mapping lies there, or
  /// if the system gives no more.
  private mutating func extend(to limit: UInt) -> Bool {
    guard limit > end else { return true }
    guard end > 0, let found = Self.mapGenerously(limit - end, at: end) else { return false }
    guard found.lowerBound == end else {
      Self.unmap(found)
      return false
    }
    end = found.upperBound
    return true
  }

  /// The first `count` bytes of a range elsewhere, which becomes the newest. What is left of the last
  /// one counts as used.
  private mutating func jump(taking count: UInt) -> (address: UInt, grown: Int) {
    guard let found = Self.mapGenerously(count, at: 0) else {
      preconditionFailure(OutOfMemory(asked: Int(count)).description)
    }
    let rest = top..<end
    (top, end) = (found.lowerBound + count, found.upperBound)
    if !rest.isEmpty { giveBack(rest.lowerBound, rest.count) }
    return (found.lowerBound, Int(count) + rest.count)
  }

  mutating func giveBack(_ address: UInt, _ byteCount: Int) {
    var range = address..<address + UInt(byteCount)
    var place = index(of: address)
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
  private func index(of start: UInt) -> Int {
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].lowerBound < start { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Maps at least `count` bytes: whole steps, or near a limit no more than are needed.
  private static func mapGenerously(_ count: UInt, at address: UInt) -> Range<UInt>? {
    let steps = (count + step - 1) / step * step
    let pages = (count + pageSize - 1) / pageSize * pageSize
    if OutOfMemory.fits(Int(steps)), let found = map(steps, at: address) { return found }
    return OutOfMemory.fits(Int(pages)) ? map(pages, at: address) : nil
  }

  /// Maps memory for reading and writing, at an address if it is free there; nil at a limit.
  private static func map(_ count: UInt, at address: UInt) -> Range<UInt>? {
    let found = mmap(
      UnsafeMutableRawPointer(bitPattern: address), Int(count), PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let found, found != MAP_FAILED else { return nil }
    return UInt(bitPattern: found)..<UInt(bitPattern: found) + count
  }

  private static func unmap(_ range: Range<UInt>) {
    if !range.isEmpty { munmap(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count) }
  }
}
