extension Tensor {
  /// The row-major index of the first element that is NaN or infinite; nil if all are finite.
  /// Integers are always finite.
  /// - Complexity: One pass over the elements at the speed of memory.
  public var firstNonFinite: Int? {
    guard dtype != .int32 else { return nil }
    return converted(to: .float32).read { x in
      for start in stride(from: 0, to: x.count, by: 4096) {
        let block = UnsafeBufferPointer(rebasing: x[start..<min(start + 4096, x.count)])
        // Only the exponent of NaN and infinity carries into the sign bit.
        let carries = block.reduce(UInt32(0)) {
          $0 | (($1.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000)
        }
        guard carries >> 31 == 0 else { return start + block.firstIndex { !$0.isFinite }! }
      }
      return nil
    }
  }

  /// The first element that is NaN or infinite, as text for a message: `nan at [3, 5]`; nil if all
  /// are finite.
  package var nonFiniteElement: String? {
    guard let place = firstNonFinite else { return nil }
    var (rest, indices) = (place, [Int]())
    for length in shape.reversed() {
      indices.insert(rest % length, at: 0)
      rest /= length
    }
    let value = converted(to: .float32).read { $0[place] }
    // The sign of a NaN has no meaning.
    let text = value.isNaN ? "nan" : "\(value)"
    return indices.isEmpty ? text : "\(text) at \(indices)"
  }
}
