import Audio
import Foundation
import TestSupport
import Testing

/// Ogg files whose last page says another position than that of the last sample, as real ones do.
@Suite struct LyingHeaderTests {
  private static let rate = 44_100
  private static let frames = 4 * rate

  /// A sound file that ends `lie` frames after its samples, if its header is believed.
  private func liar(
    _ lie: Int, frames: Int = frames, fromShare share: Double = 1
  ) throws -> (TestFolder, String) {
    let folder = try TestFolder()
    let path = folder.path("liar.ogg")
    try AudioFile.write(tones(frames, sampleRate: Self.rate), sampleRate: Self.rate, to: path)
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    OggPages.shiftPositions(of: &bytes, fromShare: share, by: lie)
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

  /// A file that lies at its end alone is sought in, one that lies from its middle on is not. Either way
  /// crops are what decoding from the start gives, to the bit.
  @Test(arguments: [(5806, 1.0, true), (-3000, 1.0, true), (5806, 0.5, false)])
  func positionsAreBelievedIfTheyAreTrue(lie: Int, share: Double, isTrue: Bool) throws {
    let (folder, path) = try liar(lie, frames: 12 * Self.rate, fromShare: share)
    let file = try AudioFile(path)
    let whole = try file.samples()
    #expect(file.seeks(within: whole.count) == isTrue)
    for claimed in isTrue ? [whole.count, file.frames!] : [whole.count, 1] {
      let manifest = Manifest(
        root: folder.path, entries: [Manifest.Entry(path: "liar.ogg", samples: claimed)])
      let audio = try AudioFiles(manifest, sampleRate: Self.rate, lengthsAreKnown: true)
      #expect(audio.samples(of: 0) == whole.count)
      for start in stride(from: 0, through: whole.count - 5000, by: 37_777) {
        let crop = try audio.crop(file: 0, start: start, length: 5000)
        let isEqual = crop[...] == whole[start..<start + 5000]
        #expect(isEqual, "\(claimed), \(start)")
      }
    }
  }
}

/// The pages of an ogg file.
enum OggPages {
  /// Adds to the positions that the last page and those past a share of all tell, and mends the pages'
  /// checksums.
  static func shiftPositions(of bytes: inout [UInt8], fromShare share: Double, by frames: Int) {
    let pages = ranges(of: bytes)
    let first = min(pages.count - 1, Int(share * Double(pages.count)))
    for page in pages[first...] { shiftPosition(of: &bytes, page, by: frames) }
  }

  private static func shiftPosition(of bytes: inout [UInt8], _ page: Range<Int>, by frames: Int) {
    let start = page.lowerBound
    let old = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + 6 + $1]) << (8 * $1) }
    let new = UInt64(Int64(old) + Int64(frames))
    for i in 0..<8 { bytes[start + 6 + i] = UInt8(truncatingIfNeeded: new >> (8 * i)) }
    for i in 22..<26 { bytes[start + i] = 0 }
    let sum = checksum(bytes[page])
    for i in 0..<4 { bytes[start + 22 + i] = UInt8(truncatingIfNeeded: sum >> (8 * i)) }
  }

  /// A page is a head of 27 bytes, the lengths of its segments, and these.
  static func ranges(of bytes: [UInt8]) -> [Range<Int>] {
    var (pages, start) = ([Range<Int>](), 0)
    while start < bytes.count {
      let segments = bytes[start + 27..<start + 27 + Int(bytes[start + 26])]
      let end = start + 27 + segments.count + segments.reduce(0) { $0 + Int($1) }
      pages.append(start..<end)
      start = end
    }
    return pages
  }

  /// A page with its checksum.
  static func page(
    _ body: [UInt8], flags: UInt8, position: Int, serial: Int, sequence: Int
  ) -> [UInt8] {
    let lengths = [UInt8](repeating: 255, count: body.count / 255) + [UInt8(body.count % 255)]
    let head = Array("OggS".utf8) + [0, flags] + OddFiles.number(position, 8)
    let numbers = [serial, sequence, 0].flatMap { OddFiles.number($0, 4) }
    var page = head + numbers + [UInt8(lengths.count)] + lengths + body
    page.replaceSubrange(22..<26, with: OddFiles.number(Int(checksum(page[...])), 4))
    return page
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
