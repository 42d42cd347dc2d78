/// The bytes of a message of protocol buffers, field by field.
///
/// - Source: the encoding guide of protocol buffers. Only what TensorBoard's events need.
struct ProtocolMessage {
  /// The encoded fields.
  private(set) var bytes: [UInt8] = []

  /// How the value of a field is encoded.
  private enum Kind: UInt64 {
    case integer = 0
    case eightBytes = 1
    case counted = 2
    case fourBytes = 5
  }

  /// Adds a field of the type `double`.
  mutating func add(_ field: UInt64, double value: Double) {
    begin(field, .eightBytes)
    bytes += value.bitPattern.littleEndianBytes
  }

  /// Adds a field of the type `float`.
  mutating func add(_ field: UInt64, float value: Float) {
    begin(field, .fourBytes)
    bytes += value.bitPattern.littleEndianBytes
  }

  /// Adds a field of the type `int64` or of an enumeration.
  mutating func add(_ field: UInt64, integer value: Int) {
    begin(field, .integer)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  /// Adds a field of the type `string`.
  mutating func add(_ field: UInt64, text value: String) { add(field, counted: Array(value.utf8)) }

  /// Adds a field that is a message itself.
  mutating func add(_ field: UInt64, message value: ProtocolMessage) {
    add(field, counted: value.bytes)
  }

  private mutating func add(_ field: UInt64, counted value: [UInt8]) {
    begin(field, .counted)
    addVarint(UInt64(value.count))
    bytes += value
  }

  private mutating func begin(_ field: UInt64, _ kind: Kind) {
    addVarint(field << 3 | kind.rawValue)
  }

  /// Seven bits a byte, the lowest first; the eighth bit marks that more follow.
  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension FixedWidthInteger {
  /// Its bytes, the lowest first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
