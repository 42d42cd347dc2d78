import Evaluate
import Testing

/// The hash by which published splits assign artists.
@Suite struct SHA1Tests {
  /// The examples of FIPS 180, and lengths around the end of a block.
  @Test(arguments: [
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
    (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
    (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
    (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
  ])
  func examples(text: String, digest: String) {
    let hex = SHA1.hash(of: text.utf8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    #expect(hex.joined() == digest)
  }

  /// 0xa9993e36...d89d modulo 116.
  @Test func theRemainderOfTheWholeNumber() {
    #expect(SHA1.remainder(of: "abc", by: 116) == 65)
  }
}
