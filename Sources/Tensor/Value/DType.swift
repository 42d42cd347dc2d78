/// The type of a tensor's elements, known at run time.
public enum DType: String, Sendable, Codable, CaseIterable {
  /// IEEE single precision: arithmetic, parameters, statistics.
  case float32
  /// The upper half of a `float32`: operands of products and saved activations.
  case bfloat16
  /// Codes, labels and indices.
  case int32

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16: 2
    }
  }
}

/// A Swift type of elements that a tensor can hold.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The run-time name of this type.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  /// `.float32`
  public static var dtype: DType { .float32 }
}

extension Int32: TensorElement {
  /// `.int32`
  public static var dtype: DType { .int32 }
}
