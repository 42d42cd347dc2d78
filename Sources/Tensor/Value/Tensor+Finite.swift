extension Tensor {
  /// The place of the first element that is NaN or infinite, in row-major order; nil if all are finite, as
  /// whole numbers are.
  /// - Complexity: One pass over the elements, as fast as they come from memory.
  public var firstNonFinite: Int? {
    guard dtype != .int32 else { return nil }
    return converted(to: .float32).read { x in
      for start in stride(from: 0, to: x.count, by: 4096) {
        let block = UnsafeBufferPointer(rebasing: x[start..<min(start + 4096, x.count)])
        // An exponent of ones, and no other, carries into the sign.
        let carries = block.reduce(UInt32(0)) {
          $0 | (($1.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000)
        }
        guard carries >> 31 == 0 else { return start + block.firstIndex { !$0.isFinite }! }
      }
      return nil
    }
  }

  /// The first element that is NaN or infinite as a message names it, `nan at [3, 5]`; nil if all are finite.
  package var nonFiniteElement: String? {
    guard let place = firstNonFinite else { return nil }
    var (rest, indices) = (place, [Int]())
    for length in shape.reversed() {
      indices.insert(rest % length, at: 0)
      rest /= length
    }
    let value = converted(to: .float32).read { $0[place] }
    // The sign of a NaN means nothing.
    let text = value.isNaN ? "nan" : "\(value)"
    return indices.isEmpty ? text : "\(text) at \(indices)"
  }
}
