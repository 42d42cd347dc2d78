/// The upper half of a `Float`: all of its range with 8 bits of precision.
public struct BFloat16: TensorElement, Hashable, CustomStringConvertible {
  /// Sign, eight bits of exponent, seven of fraction.
  public var bits: UInt16

  /// The nearest `bfloat16` to a float, ties to even; NaN stays NaN.
  public init(_ value: Float) {
    let pattern = value.bitPattern
    if value.isNaN {
      bits = UInt16(truncatingIfNeeded: pattern >> 16) | 0x40
    } else {
      bits = UInt16(truncatingIfNeeded: (pattern &+ 0x7FFF &+ (pattern >> 16 & 1)) >> 16)
    }
  }

  /// The same number as a float, exactly.
  public var float: Float { Float(bitPattern: UInt32(bits) << 16) }

  /// `.bfloat16`
  public static var dtype: DType { .bfloat16 }

  /// The description of the float.
  public var description: String { float.description }
}
