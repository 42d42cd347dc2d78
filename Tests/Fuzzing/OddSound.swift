import Tensor

/// Bytes of a file that is being made.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func text(_ text: String) { bytes += Array(text.utf8) }
  mutating func raw(_ more: some Sequence<UInt8>) { bytes += more }

  /// A number, the highest byte first.
  mutating func big(_ value: Int, _ count: Int) {
    for i in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }

  /// A number, the lowest byte first.
  mutating func little(_ value: Int, _ count: Int) {
    for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }

  /// A number in the order of the format.
  mutating func number(_ value: Int, _ count: Int, isBig: Bool) {
    isBig ? big(value, count) : little(value, count)
  }
}

extension RandomStream {
  /// A length as it is, or, once in four times, one that a header may lie.
  mutating func length(_ true: Int) -> Int {
    guard once(in: 4) else { return `true` }
    return [
      0, 1, -1, `true` / 2, `true` - 1, `true` + 1, `true` * 2, 0x7FFF_FFFF, 0x7FFF_F000,
      0xFFFF_FFFF,
      1 << 40, .max, .min,
    ].randomElement(using: &self)!
  }

  /// Some bytes of a tone with noise, of nothing, or of noise.
  mutating func soundBytes(_ count: Int) -> [UInt8] {
    let kind = Int.random(in: 0..<3, using: &self)
    return (0..<count).map { place in
      switch kind {
      case 0: place % 2 == 0 ? UInt8.random(in: 0...255, using: &self) : UInt8(place / 64 % 64)
      case 1: 0
      default: .random(in: 0...255, using: &self)
      }
    }
  }

  /// What taggers put around a file.
  mutating func tag() -> [UInt8] {
    var writer = ByteWriter()
    let count = Int.random(in: 0..<300, using: &self)
    switch Int.random(in: 0..<4, using: &self) {
    case 0:
      writer.text("ID3")
      writer.raw([4, 0, once(in: 4) ? 0x10 : 0, 0, 0, UInt8(count >> 7), UInt8(count & 0x7F)])
      writer.raw(soundBytes(once(in: 5) ? count / 2 : count))
    case 1:
      writer.text("TAG")
      writer.raw(soundBytes(125))
    case 2:
      writer.raw(soundBytes(count))
      writer.text("APETAGEX")
      for number in [2000, length(count + 32), 1, 0, 0, 0] { writer.little(number, 4) }
    default: writer.raw(soundBytes(count))
    }
    return writer.bytes
  }
}
