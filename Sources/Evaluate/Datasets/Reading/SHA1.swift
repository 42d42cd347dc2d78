/// The SHA-1 hash, by which published splits of data sets assign artists. It protects nothing.
///
/// Source: FIPS 180-4, sections 5.1.1, 5.3.1 and 6.1.
package enum SHA1 {
  /// The 20 bytes of the hash.
  package static func hash(of message: some Collection<UInt8>) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    let bytes = padded(Array(message))
    for block in stride(from: 0, to: bytes.count, by: 64) {
      add(schedule(of: bytes[block..<block + 64]), to: &state)
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
    }
  }

  /// The hash of the UTF-8 of a text, read as one big-endian integer, modulo a small number.
  package static func remainder(of text: String, by modulus: Int) -> Int {
    hash(of: text.utf8).reduce(0) { ($0 * 256 + Int($1)) % modulus }
  }

  private static func padded(_ message: [UInt8]) -> [UInt8] {
    let zeros = (119 - message.count % 64) % 64
    let bits = UInt64(message.count) * 8
    return message + [0x80] + [UInt8](repeating: 0, count: zeros)
      + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
  }

  private static func schedule(of block: ArraySlice<UInt8>) -> [UInt32] {
    let bytes = Array(block)
    var words = (0..<16).map { i in
      (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[4 * i + $1]) }
    }
    for t in 16..<80 {
      words.append(rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], by: 1))
    }
    return words
  }

  private static func add(_ words: [UInt32], to state: inout [UInt32]) {
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for (t, word) in words.enumerated() {
      let (f, k) = round(t, b, c, d)
      (a, b, c, d, e) = (rotated(a, by: 5) &+ f &+ e &+ k &+ word, a, rotated(b, by: 30), c, d)
    }
    state = zip(state, [a, b, c, d, e]).map(&+)
  }

  private static func round(
    _ t: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32
  ) -> (f: UInt32, k: UInt32) {
    switch t / 20 {
    case 0: (b & c | ~b & d, 0x5A82_7999)
    case 1: (b ^ c ^ d, 0x6ED9_EBA1)
    case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
    default: (b ^ c ^ d, 0xCA62_C1D6)
    }
  }

  private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 {
    word << bits | word >> (32 - bits)
  }
}
