/// The lengths of a tensor's axes, outermost first: `[batch, time, channels]`.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  private let lengths: [Int]

  /// - Traps when: a length is negative.
  public init(_ lengths: [Int]) {
    precondition(lengths.allSatisfy { $0 >= 0 }, "Shape: lengths must not be negative, \(lengths)")
    self.lengths = lengths
  }

  /// A shape written out: `[2, 3]`.
  public init(arrayLiteral lengths: Int...) { self.init(lengths) }

  /// The number of axes.
  public var rank: Int { lengths.count }

  /// The number of elements of a tensor of this shape: the product of the lengths, 1 for a scalar.
  public var elementCount: Int { lengths.reduce(1, *) }

  /// The lengths in brackets: `[2, 3]`.
  public var description: String { lengths.description }

  /// The index of `axis`; a negative `axis` counts from the end (`-1` is the last).
  /// - Traps when: the axis is out of range.
  public func index(ofAxis axis: Int) -> Int {
    let index = axis < 0 ? axis + rank : axis
    precondition(lengths.indices.contains(index), "axis \(axis) is not one of shape \(self)")
    return index
  }

  /// This shape with the length of one axis replaced.
  public func replacing(axis: Int, with length: Int) -> Shape {
    var changed = lengths
    changed[index(ofAxis: axis)] = length
    return Shape(changed)
  }

  /// This shape without one axis.
  public func removing(axis: Int) -> Shape {
    var changed = lengths
    changed.remove(at: index(ofAxis: axis))
    return Shape(changed)
  }
}

extension Shape: RandomAccessCollection {
  /// The first axis.
  public var startIndex: Int { 0 }
  /// One past the last axis.
  public var endIndex: Int { lengths.count }
  /// The length of an axis, counted from the front.
  public subscript(axis: Int) -> Int { lengths[axis] }
}
