import Audio
import Foundation
import Testing

/// Ogg files whose last page says another position than that of the last sample, as real ones do.
@Suite struct LyingHeaderTests {
  private static let rate = 44_100
  private static let frames = 4 * rate

  /// A sound file that ends `lie` frames after its samples, if its header is believed.
  private func liar(_ lie: Int) throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    let path = folder.file("liar.ogg")
    try AudioFile.write(
      tones(Self.frames, sampleRate: Self.rate), sampleRate: Self.rate, to: path)
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    OggPages.shiftEnd(of: &bytes, by: lie)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return (folder, path)
  }

  @Test func whatCanBeDecodedIsTheTruth() throws {
    let (folder, path) = try liar(5806)
    let file = try AudioFile(path)
    #expect(file.frames == Self.frames + 5806)
    let samples = try file.samples()
    // The last packet may be longer than what the encoder was given.
    #expect(samples.count >= Self.frames && samples.count < Self.frames + 2048)
    #expect(try file.check(minimumSeconds: 1) == samples.count)
    withExtendedLifetime(folder) {}
  }

  /// By a list with the header's length, by one with the true length, and by none.
  @Test(arguments: [5806, -3000])
  func cropsNeverReachPastTheEnd(lie: Int) throws {
    let (folder, path) = try liar(lie)
    let whole = try AudioFile.decode(path, sampleRate: 24_000)
    let header = try AudioFile(path).frames!
    for (claimed, isKnown) in [(header, true), (try AudioFile(path).count(), true), (1, false)] {
      let manifest = Manifest(
        root: folder.path, entries: [Manifest.Entry(path: "liar.ogg", samples: claimed)])
      let audio = try AudioFiles(manifest, sampleRate: 24_000, lengthsAreKnown: isKnown)
      #expect(audio.samples(of: 0) == whole.count && audio.skipped.isEmpty)
      for start in [0, 40_000, whole.count - 5000] {
        let crop = try audio.crop(file: 0, start: start, length: 5000)
        let worst = zip(crop, whole[start...]).map { abs($0 - $1) }.max()!
        #expect(worst < 1e-6, "\(claimed), \(start): \(worst)")
      }
    }
    let decoded = try DecodedAudio(
      Manifest.open(folder.path).manifest, sampleRate: 24_000, scratchFolder: folder.path)
    #expect(decoded.samples(of: 0) == whole.count)
    #expect(decoded.crop(file: 0, start: 0, length: whole.count) == whole)
  }
}

/// The pages of an ogg file.
enum OggPages {
  /// Adds to the position that the last page tells, and mends the page's checksum.
  static func shiftEnd(of bytes: inout [UInt8], by frames: Int) {
    let start = bytes.indices.last { bytes[$0...].starts(with: Array("OggS".utf8)) }!
    let old = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + 6 + $1]) << (8 * $1) }
    let new = UInt64(Int64(old) + Int64(frames))
    for i in 0..<8 { bytes[start + 6 + i] = UInt8(truncatingIfNeeded: new >> (8 * i)) }
    for i in 22..<26 { bytes[start + i] = 0 }
    let sum = checksum(bytes[start...])
    for i in 0..<4 { bytes[start + 22 + i] = UInt8(truncatingIfNeeded: sum >> (8 * i)) }
  }

  /// CRC-32 with polynomial 0x04C11DB7, not reflected, from 0.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte) << 24) { crc, _ in
        crc & 0x8000_0000 == 0 ? crc << 1 : crc << 1 ^ 0x04C1_1DB7
      }
    }
  }
}
