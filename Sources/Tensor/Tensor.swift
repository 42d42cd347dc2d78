import Foundation

/// A dense array of numbers with a shape. It is a value with copy on write.
///
/// Elements are always contiguous and row-major: the last axis is contiguous in memory. Operations
/// that need another order (a transposition, a slice of an inner axis) copy; products read
/// transposed operands in place. Leading slices and reshaped tensors share memory.
///
/// The result of operations on a tracked tensor (`tracked()`) keeps the graph of these operations
/// for `gradients()`.
public struct Tensor: Sendable {
  /// The lengths of the axes.
  public let shape: Shape
  /// The type of the elements.
  public let dtype: DType

  private(set) var storage: Storage
  /// The position of the first element in `storage`, in elements.
  private(set) var offset: Int
  /// The node of this value in the graph; nil if the tensor is untracked.
  let node: Node?
  /// A closure that computes this value again, if that is cheap.
  let origin: Kept?

  init(
    shape: Shape, dtype: DType, storage: Storage, offset: Int = 0, node: Node? = nil,
    origin: Kept? = nil
  ) {
    (self.shape, self.dtype, self.storage, self.offset) = (shape, dtype, storage, offset)
    (self.node, self.origin) = (node, origin)
  }

  /// Memory for the elements, with undefined content.
  init(uninitialized shape: Shape, dtype: DType = .float32) {
    self.init(
      shape: shape, dtype: dtype,
      storage: Storage(byteCount: shape.elementCount * dtype.byteCount))
  }

  /// Memory for float elements with undefined content; no page is touched.
  package static func unset(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape) }

  /// Float elements in the memory of `owner`, such as a mapped file. The memory must not change
  /// while `owner` lives. It is copied when the tensor is changed.
  package init(reading base: UnsafePointer<Float>, _ shape: Shape, of owner: AnyObject) {
    self.init(shape: shape, dtype: .float32, storage: Storage(reading: base, of: owner))
  }

  /// The number of axes.
  public var rank: Int { shape.rank }
  /// The number of elements.
  public var elementCount: Int { shape.elementCount }
}

extension Tensor {
  /// Calls `body` with the elements in row-major order, read-only.
  ///
  /// - Traps when: `Element` is not the type of the elements.
  public func read<Element: TensorElement, Result>(
    as type: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(elements(Element.self)))
  }

  /// Calls `body` with the float elements in row-major order, read-only.
  public func read<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try read(as: Float.self, body)
  }

  /// Calls `body` with the float elements in row-major order, to change them in place. The elements
  /// are copied first if another tensor shares them.
  ///
  /// - Traps when: the tensor is the tracked result of an operation, because its gradient would be
  ///   wrong.
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
    if storage.isOwn, isKnownUniquelyReferenced(&storage) {
      storage.dropCopies()
    } else {
      copyStorage()
    }
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
    UnsafeMutableBufferPointer(
      start: UnsafeMutablePointer(mutating: start(of: Element.self)), count: elementCount)
  }

  /// The address of the first element, for kernels. Valid while the tensor lives. `self` and
  /// parameters live for the whole call; a local variable needs `withExtendedLifetime`.
  func start<Element: TensorElement>(of type: Element.Type) -> UnsafePointer<Element> {
    precondition(
      dtype == Element.dtype, "this tensor holds \(dtype), not \(Element.dtype); shape \(shape)")
    return UnsafePointer(
      (storage.base + offset * dtype.byteCount).assumingMemoryBound(to: Element.self))
  }
}

extension Tensor {
  /// The address of the first element, for kernels; valid as `start(of:)` is.
  var floats: UnsafePointer<Float> { start(of: Float.self) }

  /// The elements of a real tensor, for kernels; valid as `start(of:)` is.
  var reals: Reals {
    precondition(dtype != .int32, "expected real elements, got \(dtype) of shape \(shape)")
    return Reals(base: storage.base + offset * dtype.byteCount, dtype: dtype)
  }

  /// The elements for writing. The tensor must not be shared yet.
  var mutableReals: MutableReals {
    MutableReals(base: UnsafeMutableRawPointer(mutating: reals.base), dtype: dtype)
  }

  /// A new real tensor; `fill` must write every element.
  static func filled(
    _ shape: Shape, dtype: DType, by fill: (MutableReals) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    fill(MutableReals(base: result.storage.base, dtype: dtype))
    return result
  }

  /// A new tensor of any type whose elements are 0.
  static func zeros(_ shape: Shape, dtype: DType) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    memset(result.storage.base, 0, shape.elementCount * dtype.byteCount)
    return result
  }

  /// The bytes of the elements; valid as `start(of:)` is.
  var bytes: UnsafeRawPointer { UnsafeRawPointer(storage.base + offset * dtype.byteCount) }

  /// Calls `body` with the bytes of the elements, to change them in place.
  mutating func updateBytes(_ body: (UnsafeMutableRawPointer) -> Void) {
    switch dtype {
    case .float32: update(as: Float.self) { $0.baseAddress.map { body($0) } }
    case .bfloat16: update(as: BFloat16.self) { $0.baseAddress.map { body($0) } }
    case .int32: update(as: Int32.self) { $0.baseAddress.map { body($0) } }
    }
  }

  /// `update` for the elements of a real tensor.
  mutating func updateReals<Result>(_ body: (MutableReals) throws -> Result) rethrows -> Result {
    switch dtype {
    case .bfloat16:
      try update(as: BFloat16.self) { try body($0.reals) }
    case .float32, .int32:
      try update(as: Float.self) { try body($0.reals) }
    }
  }

  /// A new float tensor; `fill` must write every element.
  static func filled(
    _ shape: Shape, by fill: (UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: shape)
    fill(result.storage.base.assumingMemoryBound(to: Float.self))
    return result
  }
}

extension UnsafeMutableBufferPointer where Element: TensorElement {
  /// The same memory with a run-time type. An empty tensor gets an address that is never accessed.
  fileprivate var reals: MutableReals {
    MutableReals(
      base: baseAddress.map { UnsafeMutableRawPointer($0) }
        ?? UnsafeMutableRawPointer(bitPattern: MemoryLayout<Element>.alignment)!,
      dtype: Element.dtype)
  }
}
