/// Numbers at an address that is aligned for vector instructions, initially zero; freed with the
/// object.
final class Aligned<Element: BinaryFloatingPoint> {
  let count: Int
  let base: UnsafeMutablePointer<Element>

  init(_ count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
    self.count = count
    base = bytes.bindMemory(to: Element.self, capacity: max(count, 1))
    clear()
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  func clear() { base.update(repeating: 0, count: count) }

  /// The next count after which the address is aligned again.
  static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

typealias AlignedFloats = Aligned<Float>
typealias AlignedDoubles = Aligned<Double>
