import Tensor

/// The numbers that tensors of a PyTorch file share.
package struct TorchStorage {
  /// The types, with their names in PyTorch.
  enum Element: String {
    case float = "Float"
    case double = "Double"
    case half = "Half"
    case bfloat16 = "BFloat16"
    case long = "Long"
    case int = "Int"
    case short = "Short"
    case char = "Char"
    case byte = "Byte"
    case bool = "Bool"

    var byteCount: Int {
      switch self {
      case .double, .long: 8
      case .float, .int: 4
      case .half, .bfloat16, .short: 2
      case .char, .byte, .bool: 1
      }
    }
  }

  var element: Element
  /// The name of the storage in the file.
  package var key: String
  /// The number of elements.
  package var count: Int

  /// The size of all elements, bytes.
  func byteCount() throws(TorchProblem) -> Int {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: element.byteCount)
    guard count >= 0, !overflow else {
      throw TorchProblem(text: "its storage '\(key)' has the impossible length \(count)")
    }
    return bytes
  }
}

/// A tensor as a PyTorch file describes it: a strided view of a storage.
package struct TorchTensor {
  package let storage: TorchStorage
  let offset: Int
  package let shape: [Int]
  let strides: [Int]

  /// The greatest number of axes. PyTorch allows 64, but no model has more than this.
  static let maximumRank = 16

  /// - Throws: If the tensor reaches beyond its storage, or repeats elements, because a few bytes
  ///   could then describe a tensor of any size.
  init(
    storage: TorchStorage, offset: Int, shape: [Int], strides: [Int]
  ) throws(TorchProblem) {
    (self.storage, self.offset, self.shape) = (storage, offset, shape)
    // The stride of an axis of length 1 has no meaning.
    self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
    guard shape.count == strides.count, shape.count <= Self.maximumRank, offset >= 0,
      (shape + strides).allSatisfy({ $0 >= 0 }), let reach, reach <= storage.count
    else {
      throw TorchProblem(
        text: "its tensor of shape \(shape) and strides \(strides) at \(offset) does not lie "
          + "within its storage of \(storage.count) numbers")
    }
  }

  /// The number of elements.
  package var elementCount: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

  /// The index after the last element in the storage; nil if that is out of range, or if the tensor
  /// has more elements than the storage.
  private var reach: Int? {
    let isEmpty = shape.contains(0)
    var (last, count) = (offset, 1)
    for (length, stride) in zip(shape, strides) {
      let (steps, a) = max(0, length - 1).multipliedReportingOverflow(by: stride)
      let (sum, b) = last.addingReportingOverflow(steps)
      let (product, c) = count.multipliedReportingOverflow(by: max(1, length))
      guard !a, !b, !c, isEmpty || product <= max(1, storage.count) else { return nil }
      (last, count) = (sum, product)
    }
    return isEmpty ? 0 : last < storage.count ? last + 1 : nil
  }

  /// Whether the elements are contiguous.
  private var isContiguous: Bool {
    var step = 1
    for (length, stride) in zip(shape, strides).reversed() where length > 1 {
      if stride != step { return false }
      step *= length
    }
    return true
  }
}

extension TorchTensor {
  /// The elements in row-major order: float32 for floating types, int32 for the others.
  ///
  /// - Parameter bytes: The bytes of the storage, little-endian.
  func decode(_ bytes: UnsafeRawBufferPointer) throws(TorchProblem) -> Tensor {
    switch storage.element {
    case .float: tensor(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
    case .double: tensor(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .half: tensor(bytes) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case .bfloat16: tensor(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int: tensor(bytes) { (value: Int32) in value }
    case .short: tensor(bytes) { (value: Int16) in Int32(value) }
    case .char: tensor(bytes) { (value: Int8) in Int32(value) }
    case .byte, .bool: tensor(bytes) { (value: UInt8) in Int32(value) }
    case .long: try narrowed(bytes)
    }
  }

  /// Tensors hold 32-bit integers; a value that does not fit is an error.
  private func narrowed(_ bytes: UnsafeRawBufferPointer) throws(TorchProblem) -> Tensor {
    var lost: Int64?
    let tensor = tensor(bytes) { (value: Int64) -> Int32 in
      if Int32(exactly: value) == nil { lost = value }
      return Int32(truncatingIfNeeded: value)
    }
    if let lost { throw TorchProblem(text: "it holds \(lost), which does not fit 32 bits") }
    return tensor
  }

  private func tensor<Bits: FixedWidthInteger & BitwiseCopyable, Element: TensorElement>(
    _ bytes: UnsafeRawBufferPointer, _ convert: (Bits) -> Element
  ) -> Tensor {
    Tensor(shape: Shape(shape)) { (elements: UnsafeMutableBufferPointer<Element>) in
      func element(_ place: Int) -> Element {
        let byte = place * MemoryLayout<Bits>.size
        return convert(bytes.loadUnaligned(fromByteOffset: byte, as: Bits.self))
      }
      if isContiguous {
        for i in elements.indices { elements[i] = element(offset + i) }
      } else {
        var places = Places(self)
        for i in elements.indices { elements[i] = element(places.next()) }
      }
    }
  }

  /// The positions of a tensor's elements in its storage, in row-major order.
  private struct Places {
    private let shape: [Int]
    private let strides: [Int]
    private var indices: [Int]
    private var place: Int

    init(_ tensor: TorchTensor) {
      (shape, strides, place) = (tensor.shape, tensor.strides, tensor.offset)
      indices = Array(repeating: 0, count: shape.count)
    }

    mutating func next() -> Int {
      defer { advance() }
      return place
    }

    private mutating func advance() {
      var axis = shape.count - 1
      while axis >= 0 {
        indices[axis] += 1
        place += strides[axis]
        if indices[axis] < shape[axis] { return }
        place -= shape[axis] * strides[axis]
        indices[axis] = 0
        axis -= 1
      }
    }
  }
}
