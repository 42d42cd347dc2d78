import Foundation

/// A 64-bit fingerprint of a file's bytes, the same on every machine and in every version.
///
/// It detects changed files; it does not protect against forgery.
/// - Source: XXH64 of the xxHash specification, with seed 0.
public struct ContentHash: Sendable {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  private var lanes: SIMD4<UInt64>
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// The hash of no bytes.
  public init() {
    let (p1, p2, _, _, _) = Self.primes
    lanes = SIMD4(p1 &+ p2, p2, 0, 0 &- p1)
  }

  /// Adds bytes; the hash does not depend on how a stream is cut.
  public mutating func update(_ bytes: some DataProtocol) {
    byteCount &+= UInt64(bytes.count)
    pending.append(contentsOf: bytes)
    let whole = pending.count / 32 * 32
    guard whole > 0 else { return }
    var lanes = lanes
    pending.withUnsafeBytes { buffer in
      for offset in stride(from: 0, to: whole, by: 32) {
        lanes = Self.round(lanes, buffer.words(at: offset))
      }
    }
    self.lanes = lanes
    pending.removeFirst(whole)
  }

  /// The hash of all bytes so far.
  public var value: UInt64 {
    let (_, _, p3, _, p5) = Self.primes
    var hash = byteCount < 32 ? p5 : merged
    hash &+= byteCount
    pending.withUnsafeBytes { tail in hash = Self.finish(hash, tail) }
    hash = (hash ^ (hash >> 33)) &* Self.primes.1
    hash = (hash ^ (hash >> 29)) &* p3
    return hash ^ (hash >> 32)
  }

  private static func round(_ lanes: SIMD4<UInt64>, _ input: SIMD4<UInt64>) -> SIMD4<UInt64> {
    let mixed = lanes &+ input &* primes.1
    return (mixed &<< 31 | mixed &>> 33) &* primes.0
  }

  private static func round(_ word: UInt64) -> UInt64 {
    rotated(word &* primes.1, by: 31) &* primes.0
  }

  private static func rotated(_ x: UInt64, by bits: UInt64) -> UInt64 {
    x &<< bits | x &>> (64 - bits)
  }

  private var merged: UInt64 {
    let (p1, _, _, p4, _) = Self.primes
    let start =
      Self.rotated(lanes[0], by: 1) &+ Self.rotated(lanes[1], by: 7)
      &+ Self.rotated(lanes[2], by: 12) &+ Self.rotated(lanes[3], by: 18)
    return (0..<4).reduce(start) { ($0 ^ Self.round(lanes[$1])) &* p1 &+ p4 }
  }

  /// Mixes in the last 0 to 31 bytes: eight at a time, then four, then one by one.
  private static func finish(_ start: UInt64, _ tail: UnsafeRawBufferPointer) -> UInt64 {
    let (p1, p2, p3, p4, p5) = primes
    var (hash, offset) = (start, 0)
    while offset + 8 <= tail.count {
      hash = rotated(hash ^ round(tail.word(at: offset)), by: 27) &* p1 &+ p4
      offset += 8
    }
    if offset + 4 <= tail.count {
      let half = UInt32(littleEndian: tail.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash = rotated(hash ^ (UInt64(half) &* p1), by: 23) &* p2 &+ p3
      offset += 4
    }
    return tail[offset...].reduce(hash) { rotated($0 ^ (UInt64($1) &* p5), by: 11) &* p1 }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  fileprivate func words(at offset: Int) -> SIMD4<UInt64> {
    SIMD4(word(at: offset), word(at: offset + 8), word(at: offset + 16), word(at: offset + 24))
  }
}
