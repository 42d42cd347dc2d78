import Foundation

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
  /// How to compute this value again, if that is cheap.
  let origin: Kept?

  init(
    shape: Shape, dtype: DType, storage: Storage, offset: Int = 0, node: Node? = nil,
    origin: Kept? = nil
  ) {
    (self.shape, self.dtype, self.storage, self.offset) = (shape, dtype, storage, offset)
    (self.node, self.origin) = (node, origin)
  }

  /// Memory of the right size with undefined content.
  init(uninitialized shape: Shape, dtype: DType = .float32) {
    self.init(
      shape: shape, dtype: dtype,
      storage: Storage(byteCount: shape.elementCount * dtype.byteCount))
  }

  /// Memory for float elements that are about to be replaced as a whole; none of it is touched.
  package static func unset(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape) }

  /// Float elements in memory that belongs to `owner` and stays as it is while that lives, as a mapped
  /// file's: not copied before someone changes them.
  package init(reading base: UnsafePointer<Float>, _ shape: Shape, of owner: AnyObject) {
    self.init(shape: shape, dtype: .float32, storage: Storage(reading: base, of: owner))
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

  /// The first element's address, for kernels. Valid while the tensor lives: `self` and
  /// parameters do for the whole call, a local variable needs `withExtendedLifetime`.
  func start<Element: TensorElement>(of type: Element.Type) -> UnsafePointer<Element> {
    precondition(
      dtype == Element.dtype, "this tensor holds \(dtype), not \(Element.dtype); shape \(shape)")
    return UnsafePointer(
      (storage.base + offset * dtype.byteCount).assumingMemoryBound(to: Element.self))
  }
}

extension Tensor {
  /// The first element's address, for kernels; valid as `start(of:)` is.
  var floats: UnsafePointer<Float> { start(of: Float.self) }

  /// Where the elements of a real tensor lie, for kernels; valid as `start(of:)` is.
  var reals: Reals {
    precondition(dtype != .int32, "expected real elements, got \(dtype) of shape \(shape)")
    return Reals(base: storage.base + offset * dtype.byteCount, dtype: dtype)
  }

  /// The same to write, of a tensor that nobody else has seen yet.
  var mutableReals: MutableReals {
    MutableReals(base: UnsafeMutableRawPointer(mutating: reals.base), dtype: dtype)
  }

  /// A new real tensor whose elements `fill` writes, all of them.
  static func filled(
    _ shape: Shape, dtype: DType, by fill: (MutableReals) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    fill(MutableReals(base: result.storage.base, dtype: dtype))
    return result
  }

  /// A new tensor of any type whose bytes are all 0, which is the number 0.
  static func zeros(_ shape: Shape, dtype: DType) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    memset(result.storage.base, 0, shape.elementCount * dtype.byteCount)
    return result
  }

  /// The bytes, to copy. Valid as `start(of:)` is.
  var bytes: UnsafeRawPointer { UnsafeRawPointer(storage.base + offset * dtype.byteCount) }

  /// Calls `body` with the bytes, to change in place.
  mutating func updateBytes(_ body: (UnsafeMutableRawPointer) -> Void) {
    switch dtype {
    case .float32: update(as: Float.self) { $0.baseAddress.map { body($0) } }
    case .bfloat16: update(as: BFloat16.self) { $0.baseAddress.map { body($0) } }
    case .int32: update(as: Int32.self) { $0.baseAddress.map { body($0) } }
    }
  }

  /// `update` of real elements, to change in place.
  mutating func updateReals<Result>(_ body: (MutableReals) throws -> Result) rethrows -> Result {
    switch dtype {
    case .bfloat16:
      try update(as: BFloat16.self) { try body($0.reals) }
    case .float32, .int32:
      try update(as: Float.self) { try body($0.reals) }
    }
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

extension UnsafeMutableBufferPointer where Element: TensorElement {
  /// The same memory without its type; that of an empty tensor is never read.
  fileprivate var reals: MutableReals {
    MutableReals(
      base: baseAddress.map { UnsafeMutableRawPointer($0) }
        ?? UnsafeMutableRawPointer(bitPattern: MemoryLayout<Element>.alignment)!,
      dtype: Element.dtype)
  }
}
