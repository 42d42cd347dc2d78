/// The checksum of TFRecord files: CRC-32C, of the polynomial 0x1EDC6F41, bits reversed.
///
/// - Source: RFC 3720, appendix B.4; the mask is that of TensorFlow's `lib/hash/crc32c.h`.
package enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// The checksum of some bytes.
  package static func value(of bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  /// The checksum as TFRecord stores it: rotated by 15 bits to the right, plus a constant, so that the
  /// checksum of bytes that hold a checksum is sound, too.
  package static func masked(of bytes: [UInt8]) -> UInt32 {
    let value = value(of: bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}
