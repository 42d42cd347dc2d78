import Tensor

/// Damages bytes as disks, networks and ill will do.
struct Mutation {
  /// What pieces of other inputs are taken from.
  let pool: [[UInt8]]

  /// One of the pool with one to eight changes.
  func mutant(using stream: inout RandomStream) -> [UInt8] {
    var bytes = pool.randomElement(using: &stream)!
    for _ in 0..<Int.random(in: 1...8, using: &stream) where !bytes.isEmpty {
      change(&bytes, using: &stream)
    }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], using stream: inout RandomStream) {
    let place = self.place(in: bytes, using: &stream)
    let range = place..<min(bytes.count, place + Int.random(in: 1...64, using: &stream))
    switch Int.random(in: 0..<9, using: &stream) {
    case 0...2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &stream)
    case 3: for i in range { bytes[i] = .random(in: 0...255, using: &stream) }
    case 4: overwrite(&bytes, at: place, with: Self.extreme(using: &stream))
    case 5: bytes.removeSubrange(range)
    case 6: bytes.insert(contentsOf: bytes[range], at: place)
    case 7: bytes.removeSubrange(place...)
    default: splice(into: &bytes, at: place, using: &stream)
    }
  }

  /// Anywhere, but half of the time in the header.
  private func place(in bytes: [UInt8], using stream: inout RandomStream) -> Int {
    let end = Bool.random(using: &stream) ? min(256, bytes.count) : bytes.count
    return Int.random(in: 0..<end, using: &stream)
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with values: [UInt8]) {
    for (i, value) in values.enumerated() where place + i < bytes.count {
      bytes[place + i] = value
    }
  }

  private func splice(
    into bytes: inout [UInt8], at place: Int, using stream: inout RandomStream
  ) {
    let other = pool.randomElement(using: &stream)!
    let start = Int.random(in: 0..<other.count, using: &stream)
    let end = min(other.count, start + Int.random(in: 1...512, using: &stream))
    bytes.replaceSubrange(place..<min(bytes.count, place + end - start), with: other[start..<end])
  }

  /// A number at which sizes and counts break.
  private static func extreme(using stream: inout RandomStream) -> [UInt8] {
    let width = [1, 2, 4, 8].randomElement(using: &stream)!
    let values: [UInt64] = [0, 1, .max, .max >> 1, 1 << 63, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 31]
    let value = values.randomElement(using: &stream)!
    let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    return Bool.random(using: &stream) ? bytes : bytes.reversed()
  }
}
