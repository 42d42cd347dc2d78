import Audio
import Foundation
import Tensor

extension FuzzTarget {
  /// wav, rf64, w64, aiff, caf and au files with odd chunks and lengths.
  static let wav = FuzzTarget("wav", bytes: chunkFile, read: readSound)

  /// To the end, and a stretch from the middle, by seeking and without.
  @Sendable static func readSound(_ path: String) throws {
    let file = try AudioFile(path)
    let count = try file.check(minimumSeconds: 0.001)
    let range = count / 2..<count
    _ = try file.samples(in: range, seeking: false)
    _ = try file.samples(in: range, seeking: file.seeks(within: count))
  }

  private enum Family: CaseIterable {
    case riff, rifx, rf64, bw64, w64, aiff, aifc, caf, au

    var isBig: Bool {
      self == .rifx || self == .aiff || self == .aifc || self == .caf || self == .au
    }
  }

  @Sendable private static func chunkFile(_ stream: inout RandomStream) -> [UInt8] {
    let family = Family.allCases.randomElement(using: &stream)!
    var writer = ByteWriter()
    if stream.once(in: 20) { writer.raw(stream.tag()) }
    let channels = stream.once(in: 20) ? Int.random(in: 0...300, using: &stream) : 1
    let bits = stream.once(in: 6) ? [0, 1, 8, 24, 32, 64].randomElement(using: &stream)! : 16
    let sound = stream.soundBytes(
      Int.random(in: 0..<600, using: &stream) * max(1, channels * bits / 8)
        + (stream.once(in: 10) ? 1 : 0))
    switch family {
    case .au: au(&writer, &stream, channels, bits, sound)
    case .aiff, .aifc: aiff(&writer, &stream, family, channels, bits, sound)
    case .caf: caf(&writer, &stream, channels, bits, sound)
    default: wav(&writer, &stream, family, channels, bits, sound)
    }
    if stream.once(in: 20) { writer.raw(stream.tag()) }
    return writer.bytes
  }

  /// A name, a length that may lie, the content, and an even number of bytes but for some.
  private static func chunk(
    _ writer: inout ByteWriter, _ stream: inout RandomStream, _ family: Family, _ name: String,
    _ content: [UInt8]
  ) {
    let length = stream.once(in: 3) ? stream.length(content.count) : content.count
    writer.text(name)
    switch family {
    case .w64:
      writer.raw([0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A])
      writer.little(length &+ 24, 8)
    case .caf: writer.big(length, 8)
    case .rf64,
      .bw64 where name == "data":
      writer.little(0xFFFF_FFFF, 4)
    default: writer.number(length, 4, isBig: family.isBig)
    }
    writer.raw(content)
    let alignment = family == .w64 ? 8 : family == .caf ? 1 : 2
    let missing = (alignment - content.count % alignment) % alignment
    if !stream.once(in: 10) { writer.raw([UInt8](repeating: 0, count: missing)) }
  }

  private static func others(
    _ writer: inout ByteWriter, _ stream: inout RandomStream, _ family: Family
  ) {
    for _ in 0..<Int.random(in: 0..<3, using: &stream) where stream.once(in: 2) {
      let name = [
        "LIST", "fact", "PEAK", "JUNK", "bext", "cue ", "smpl", "id3 ", "free", "\0\0\0\0",
      ]
      .randomElement(using: &stream)!
      chunk(
        &writer, &stream, family, name, stream.soundBytes(Int.random(in: 0..<40, using: &stream)))
    }
  }

  private static func wav(
    _ writer: inout ByteWriter, _ stream: inout RandomStream, _ family: Family, _ channels: Int,
    _ bits: Int, _ sound: [UInt8]
  ) {
    let isBig = family.isBig
    var format = ByteWriter()
    let tags = [1, 1, 1, 1, 1, 3, 6, 7, 2, 17, 0x31, 0x50, 0x55, 0xFFFE, 0]
    let rate = stream.once(in: 20) ? stream.length(8000) : 8000
    format.number(tags.randomElement(using: &stream)!, 2, isBig: isBig)
    format.number(channels, 2, isBig: isBig)
    format.number(rate, 4, isBig: isBig)
    format.number(rate &* channels &* bits / 8, 4, isBig: isBig)
    format.number(stream.once(in: 20) ? 0 : channels * bits / 8, 2, isBig: isBig)
    format.number(bits, 2, isBig: isBig)
    if stream.once(in: 3) { format.raw(stream.soundBytes(24)) }
    switch family {
    case .w64:
      writer.raw([
        0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 4, 0xC1, 0, 0,
      ])
      writer.little(stream.length(sound.count + 200), 8)
      writer.raw([
        0x77, 0x61, 0x76, 0x65, 0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A,
      ])
    default:
      writer.text(
        family == .riff ? "RIFF" : family == .rifx ? "RIFX" : family == .rf64 ? "RF64" : "BW64")
      writer.number(stream.length(sound.count + 36), 4, isBig: isBig)
      writer.text("WAVE")
    }
    if family == .rf64 || family == .bw64 {
      var sizes = ByteWriter()
      for size in [sound.count + 72, sound.count, 0] { sizes.little(stream.length(size), 8) }
      sizes.little(0, 4)
      chunk(&writer, &stream, family, "ds64", sizes.bytes)
    }
    others(&writer, &stream, family)
    chunk(&writer, &stream, family, "fmt ", format.bytes)
    others(&writer, &stream, family)
    chunk(&writer, &stream, family, "data", sound)
    others(&writer, &stream, family)
  }

  private static func aiff(
    _ writer: inout ByteWriter, _ stream: inout RandomStream, _ family: Family, _ channels: Int,
    _ bits: Int, _ sound: [UInt8]
  ) {
    var common = ByteWriter()
    common.big(channels, 2)
    common.big(stream.length(sound.count / max(1, channels * bits / 8)), 4)
    common.big(bits, 2)
    // 8000 Hz in 80 bits.
    common.raw(
      stream.once(in: 20) ? stream.soundBytes(10) : [0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0])
    if family == .aifc {
      common.text(["NONE", "sowt", "fl32", "ulaw", "ima4", "GSM "].randomElement(using: &stream)!)
      common.raw([0, 0])
    }
    writer.text("FORM")
    writer.big(stream.length(sound.count + 46), 4)
    writer.text(family == .aiff ? "AIFF" : "AIFC")
    let isBehind = stream.once(in: 6)
    if !isBehind { chunk(&writer, &stream, family, "COMM", common.bytes) }
    others(&writer, &stream, family)
    chunk(&writer, &stream, family, "SSND", [0, 0, 0, 0, 0, 0, 0, 0] + sound)
    if isBehind { chunk(&writer, &stream, family, "COMM", common.bytes) }
    others(&writer, &stream, family)
  }

  private static func caf(
    _ writer: inout ByteWriter, _ stream: inout RandomStream, _ channels: Int, _ bits: Int,
    _ sound: [UInt8]
  ) {
    writer.text("caff")
    writer.big(stream.once(in: 20) ? 2 : 1, 2)
    writer.big(0, 2)
    var format = ByteWriter()
    format.big(Int(truncatingIfNeeded: (8000.0).bitPattern), 8)
    format.text(["lpcm", "lpcm", "ulaw", "ima4", "alac"].randomElement(using: &stream)!)
    for number in [stream.once(in: 2) ? 2 : 0, channels * bits / 8, 1, channels, bits] {
      format.big(stream.once(in: 12) ? stream.length(number) : number, 4)
    }
    chunk(&writer, &stream, .caf, "desc", format.bytes)
    others(&writer, &stream, .caf)
    chunk(&writer, &stream, .caf, "data", [0, 0, 0, 0] + sound)
    others(&writer, &stream, .caf)
  }

  private static func au(
    _ writer: inout ByteWriter, _ stream: inout RandomStream, _ channels: Int, _ bits: Int,
    _ sound: [UInt8]
  ) {
    let isBig = !stream.once(in: 5)
    writer.text(isBig ? ".snd" : "dns.")
    let codes = [8: 2, 16: 3, 24: 4, 32: 5, 64: 7]
    let code = stream.once(in: 6) ? Int.random(in: 0...30, using: &stream) : codes[bits] ?? 3
    let start = stream.once(in: 12) ? stream.length(24) : 24
    for number in [start, stream.length(sound.count), code, 8000, channels] {
      writer.number(number, 4, isBig: isBig)
    }
    writer.raw(sound)
  }
}
