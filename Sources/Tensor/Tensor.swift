/// A dense array of numbers with a shape, a value with copy on write.
///
/// Always contiguous and row-major: the last axis lies together in memory. Operations that would
/// need another order (a transposition, a slice of an inner axis) copy; products read transposed
/// operands in place. Leading slices and reshapes share memory.
///
/// A tensor that came out of operations on a tracked one (`tracked()`) remembers how, see
/// `gradients(of:)`.
public struct Tensor: Sendable {
  /// The lengths of the axes.
  public let shape: Shape
  /// The type of the elements.
  public let dtype: DType

  private(set) var storage: Storage
  /// Where the first element lies in `storage`, in elements.
  private(set) var offset: Int
  /// How this value came about, if a gradient may be asked for.
  let node: Node?

  init(shape: Shape, dtype: DType, storage: Storage, offset: Int = 0, node: Node? = nil) {
    (self.shape, self.dtype, self.storage, self.offset) = (shape, dtype, storage, offset)
    self.node = node
  }

  /// Memory of the right size with undefined content.
  init(uninitialized shape: Shape, dtype: DType = .float32) {
    self.init(
      shape: shape, dtype: dtype,
      storage: Storage(byteCount: shape.elementCount * dtype.byteCount))
  }

  /// How many axes there are.
  public var rank: Int { shape.rank }
  /// How many elements there are.
  public var elementCount: Int { shape.elementCount }
}

extension Tensor {
  /// Calls `body` with the elements in row-major order, to read.
  ///
  /// - Traps when: `Element` is not what the tensor holds.
  public func read<Element: TensorElement, Result>(
    as type: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(elements(Element.self)))
  }

  /// Calls `body` with the float elements in row-major order, to read.
  public func read<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try read(as: Float.self, body)
  }

  /// Calls `body` with the float elements in row-major order, to change in place; copies first if
  /// another tensor shares them.
  ///
  /// - Traps when: the tensor is the tracked result of an operation, whose gradient would be wrong.
  public mutating func update<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try update(as: Float.self, body)
  }

  /// `update` for any element type.
  public mutating func update<Element: TensorElement, Result>(
    as type: Element.Type, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    precondition(node?.isLeaf ?? true, "update: in place on a tracked result of shape \(shape)")
    if !isKnownUniquelyReferenced(&storage) { copyStorage() }
    defer { withExtendedLifetime(storage) {} }
    return try body(elements(Element.self))
  }

  private mutating func copyStorage() {
    let byteCount = elementCount * dtype.byteCount
    let copy = Storage(byteCount: byteCount)
    copy.base.copyMemory(from: storage.base + offset * dtype.byteCount, byteCount: byteCount)
    (storage, offset) = (copy, 0)
  }

  private func elements<Element: TensorElement>(
    _ type: Element.Type
  ) -> UnsafeMutableBufferPointer<Element> {
    precondition(
      dtype == Element.dtype, "this tensor holds \(dtype), not \(Element.dtype); shape \(shape)")
    let start = (storage.base + offset * dtype.byteCount).assumingMemoryBound(to: Element.self)
    return UnsafeMutableBufferPointer(start: start, count: elementCount)
  }
}

extension Tensor {
  /// The first element's address, for kernels. Valid while the tensor lives: `self` and parameters
  /// do for the whole call, a local variable needs `withExtendedLifetime`.
  var floats: UnsafePointer<Float> {
    precondition(dtype == .float32, "expected float32 elements, got \(dtype) of shape \(shape)")
    return UnsafePointer((storage.base + offset * 4).assumingMemoryBound(to: Float.self))
  }

  /// A new float tensor whose elements `fill` writes, all of them.
  static func filled(
    _ shape: Shape, by fill: (UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: shape)
    fill(result.storage.base.assumingMemoryBound(to: Float.self))
    return result
  }
}
