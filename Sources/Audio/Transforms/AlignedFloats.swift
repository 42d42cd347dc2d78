/// Zeroed floats at an address that vector instructions like; freed with the object.
final class AlignedFloats {
  let count: Int
  let base: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    self.count = count
    base = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
    clear()
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  func clear() { base.update(repeating: 0, count: count) }

  /// The next count that keeps what follows at an aligned address.
  static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
