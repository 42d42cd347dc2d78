import Tensor

extension [Tensor] {
  /// How many numbers they have.
  var elementCount: Int { reduce(0) { $0 + $1.elementCount } }

  /// A range of their numbers as they lie one tensor behind the other, and zeros.
  ///
  /// - Parameters:
  ///   - range: The range; what lies beyond the last number is not there.
  ///   - count: How many numbers to return; as many as there are in the range unless given.
  func packed(_ range: Range<Int>, count: Int? = nil) -> Tensor {
    var flat = Tensor.zeros([count ?? range.clamped(to: 0..<elementCount).count])
    flat.update { flat in
      for overlap in overlaps(with: range) {
        self[overlap.tensor].read { source in
          let part = UnsafeBufferPointer(rebasing: source[overlap.part])
          _ = UnsafeMutableBufferPointer(rebasing: flat[overlap.start...]).update(from: part)
        }
      }
    }
    return flat
  }

  /// Puts numbers into the range that `packed` took them from.
  mutating func unpack(_ flat: Tensor, _ range: Range<Int>) {
    flat.read { flat in
      for overlap in overlaps(with: range) {
        let source = flat[overlap.start..<overlap.start + overlap.part.count]
        self[overlap.tensor].update { target in
          let part = UnsafeMutableBufferPointer(rebasing: target[overlap.part])
          _ = part.update(from: UnsafeBufferPointer(rebasing: source))
        }
      }
    }
  }

  /// Which part of which tensor lies where in a range.
  private func overlaps(
    with range: Range<Int>
  ) -> [(tensor: Int, part: Range<Int>, start: Int)] {
    var offset = 0
    return enumerated().compactMap { number, tensor in
      let own = offset..<offset + tensor.elementCount
      offset = own.upperBound
      let common = own.clamped(to: range)
      guard !common.isEmpty else { return nil }
      let part = common.lowerBound - own.lowerBound..<common.upperBound - own.lowerBound
      return (number, part, common.lowerBound - range.lowerBound)
    }
  }
}
