extension Tensor {
  /// A tensor of these elements in row-major order.
  /// - Traps when: the number of elements does not fit the shape.
  public init<Element: TensorElement>(_ elements: [Element], shape: Shape) {
    self.init(copying: elements, shape: shape)
  }

  /// A tensor of one axis.
  public init<Element: TensorElement>(_ elements: [Element]) {
    self.init(copying: elements, shape: [elements.count])
  }

  /// A tensor of these floats. Float literals need no type with it.
  public init(_ elements: [Float], shape: Shape) { self.init(copying: elements, shape: shape) }

  /// A tensor of one axis of floats.
  public init(_ elements: [Float]) { self.init(copying: elements, shape: [elements.count]) }

  private init<Element: TensorElement>(copying elements: [Element], shape: Shape) {
    precondition(
      elements.count == shape.elementCount,
      "Tensor: \(elements.count) elements do not fill shape \(shape)")
    self.init(shape: shape) { (buffer: UnsafeMutableBufferPointer<Element>) in
      _ = buffer.update(from: elements)
    }
  }

  /// A scalar: a tensor without axes.
  public init(_ value: Float) { self.init([value], shape: []) }

  /// A tensor whose elements `write` sets; it must set every one.
  public init<Element: TensorElement>(
    shape: Shape, writing write: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows {
    self.init(uninitialized: shape, dtype: Element.dtype)
    try update(as: Element.self, write)
  }

  /// A tensor whose elements all are `value`.
  public static func full(_ shape: Shape, _ value: Float) -> Tensor {
    .filled(shape) { y in
      Cores.parallel(shape.elementCount, grain: elementGrain) { range in
        (y + range.lowerBound).update(repeating: value, count: range.count)
      }
    }
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { full(shape, 0) }
  /// A tensor of ones.
  public static func ones(_ shape: Shape) -> Tensor { full(shape, 1) }
}

extension Tensor {
  /// The elements of a real tensor in row-major order.
  public var scalars: [Float] { converted(to: .float32).read { Array($0) } }

  /// The elements of an integer tensor in row-major order.
  public var integers: [Int32] { read(as: Int32.self) { Array($0) } }

  /// The only element of a tensor with one element.
  /// - Traps when: the number of elements is not 1.
  public var scalar: Float {
    precondition(elementCount == 1, "scalar: expected one element, got shape \(shape)")
    return scalars[0]
  }
}
