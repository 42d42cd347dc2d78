import Audio
import Foundation
import TestSupport

/// Sound files as programs leave them that write to a pipe, are killed, or join files: bytes made by hand
/// around 16-bit samples at 8 kHz.
enum OddFiles {
  static let rate = 8000

  /// Samples that are what 16 bits make of tones.
  static func integers(_ count: Int) -> [Int16] {
    tones(count, sampleRate: rate).map { Int16(($0 * 32_767).rounded()) }
  }

  static func floats(_ integers: [Int16]) -> [Float] { integers.map { Float($0) / 32_768 } }

  static func number(_ value: Int, _ count: Int, isBig: Bool = false) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBig ? bytes.reversed() : bytes
  }

  static func pcm(_ samples: [Int16], isBig: Bool = false) -> [UInt8] {
    samples.flatMap { number(Int($0), 2, isBig: isBig) }
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// PCM, one channel, 8 kHz, 16 bits.
  private static let format =
    text("fmt ") + number(16, 4) + number(1, 2) + number(1, 2) + number(rate, 4)
    + number(2 * rate, 4) + number(2, 2) + number(16, 2)

  static func wav(_ sound: [UInt8], length: Int, riff: Int? = nil, tail: [UInt8] = []) -> [UInt8] {
    text("RIFF") + number(riff ?? 36 + length, 4) + text("WAVE") + format + text("data")
      + number(length, 4) + sound + tail
  }

  static func rf64(_ sound: [UInt8], length: Int, name: String = "RF64") -> [UInt8] {
    text(name) + number(0xFFFF_FFFF, 4) + text("WAVEds64") + number(28, 4) + number(length + 72, 8)
      + number(length, 8) + number(0, 12) + format + text("data") + number(0xFFFF_FFFF, 4) + sound
  }

  static func w64(_ sound: [UInt8], length: Int, tail: [UInt8] = []) -> [UInt8] {
    let common: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
    let riff: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0]
    return text("riff") + riff + number(-1, 8) + text("wave") + common
      + text("fmt ") + common + number(40, 8) + format.dropFirst(8)
      + text("data") + common + number(length &+ 24, 8) + sound + tail
  }

  static func aiff(_ sound: [UInt8], length: Int, frames: Int) -> [UInt8] {
    let rate: [UInt8] = [0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0]
    let common =
      number(1, 2, isBig: true) + number(frames, 4, isBig: true)
      + number(16, 2, isBig: true) + rate
    return text("FORM") + number(46 + length, 4, isBig: true) + text("AIFFCOMM")
      + number(18, 4, isBig: true) + common + text("SSND")
      + number(length > 0 ? length + 8 : length, 4, isBig: true) + number(0, 8) + sound
  }

  static func au(_ sound: [UInt8], length: Int) -> [UInt8] {
    text(".snd") + [24, length, 3, rate, 1].flatMap { number($0, 4, isBig: true) } + sound
  }

  static func caf(_ sound: [UInt8], length: Int) -> [UInt8] {
    text("caff") + number(1, 2, isBig: true) + number(0, 2) + text("desc")
      + number(32, 8, isBig: true)
      + number(Int(bitPattern: UInt(Double(rate).bitPattern)), 8, isBig: true) + text("lpcm")
      + [0, 2, 1, 1, 16].flatMap { number($0, 4, isBig: true) } + text("data")
      + number(length > 0 ? length + 4 : length, 8, isBig: true) + number(0, 4) + sound
  }

  /// A chunk of a wav file with its padding.
  static func list(_ count: Int) -> [UInt8] {
    text("LIST") + number(count, 4) + [UInt8](repeating: 0x41, count: count + count % 2)
  }

  static let titleInFront: [UInt8] =
    text("ID3") + [4, 0, 0, 0, 0, 1, 2] + [UInt8](repeating: 0, count: 130)
  static let titleBehind: [UInt8] = text("TAG") + [UInt8](repeating: 0x78, count: 125)
  /// A picture behind the sound, 9,000 bytes.
  static let pictureBehind: [UInt8] = {
    let mark = text("APETAGEX") + [2000, 9032, 1].flatMap { number($0, 4) }
    return mark + number(1 << 31, 4) + number(0, 8) + [UInt8](repeating: 0x7A, count: 9000)
      + mark + number(1 << 31, 4) + number(0, 8)
  }()

  /// The bytes of a file that `AudioFile.write` makes of tones.
  static func written(_ name: String, frames: Int, rate: Int = rate, channels: Int = 1) throws
    -> [UInt8]
  {
    let folder = try TestFolder()
    let mono = tones(frames, sampleRate: rate)
    try AudioFile.write(
      mono.flatMap { x in (0..<channels).map { _ in x } }, sampleRate: rate, channels: channels,
      to: folder.path(name))
    return try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
  }

  /// A FLAC file whose header tells another number of samples.
  static func flac(_ bytes: [UInt8], telling total: Int, blocks: Bool = true) -> [UInt8] {
    var bytes = bytes
    bytes[21] = bytes[21] & 0xF0 | UInt8(total >> 32)
    bytes.replaceSubrange(22..<26, with: number(total, 4, isBig: true))
    if !blocks { bytes.replaceSubrange(8..<12, with: [0, 0, 0, 0]) }
    return bytes
  }

  /// A native stream of FLAC in the pages of ogg.
  static func oggFLAC(_ bytes: [UInt8], serial: Int) -> [UInt8] {
    var pages = OggPages.page(
      [0x7F] + text("FLAC") + [1, 0, 0, 1] + bytes.prefix(42), flags: 2, position: 0,
      serial: serial, sequence: 0)
    var (rest, sequence) = (bytes.dropFirst(42), 1)
    while !rest.isEmpty {
      let part = Array(rest.prefix(3000))
      rest = rest.dropFirst(part.count)
      pages += OggPages.page(
        part, flags: rest.isEmpty ? 4 : 0, position: sequence * 1000, serial: serial,
        sequence: sequence)
      sequence += 1
    }
    return pages
  }

  /// A silent frame of mp3, 44.1 kHz, two channels, 1,152 samples, of 32 or 320 kbit/s.
  static func silentFrame(_ kbits: Int) -> [UInt8] {
    let head: [UInt8] = [0xFF, 0xFB, kbits == 320 ? 0xE0 : 0x10, 0x40]
    return head + [UInt8](repeating: 0, count: 144 * kbits * 1000 / 44_100 - 4)
  }

  /// Where the tag of an mp3's first frame stands.
  static func tag(of mp3: [UInt8]) -> Int? {
    (0..<200).first {
      ["Xing", "Info"].contains(String(decoding: mp3[$0..<$0 + 4], as: UTF8.self))
    }
  }
}
