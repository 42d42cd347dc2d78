import Audio
import Foundation
import Tensor

extension FuzzTarget {
  /// mp3 files of well-formed frames, with odd tags, joined, of changing rate and channels.
  static let mp3 = FuzzTarget("mp3") { folder in
    let sound = try mp3Sound(in: folder)
    return { path, stream in
      var bytes = mp3File(of: sound, &stream)
      if stream.once(in: 8), !bytes.isEmpty {
        bytes = Mutation(pool: [bytes]).mutant(using: &stream)
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  } read: {
    try readSound($0)
  }

  private static func mp3Sound(in folder: URL) throws -> [[UInt8]] {
    try [("a.mp3", 16_000, 1), ("b.mp3", 44_100, 2), ("c.mp3", 8000, 1)].map {
      let path = folder.appendingPathComponent($0).path
      let (rate, channels) = ($1, $2)
      let samples = (0..<rate / 4 * channels).map { 0.5 * sin(Float($0 * $0 % 9973) / 50) }
      try AudioFile.write(samples, sampleRate: rate, channels: channels, to: path)
      return try bytes(of: path)
    }
  }

  private static func mp3File(of sound: [[UInt8]], _ stream: inout RandomStream) -> [UInt8] {
    var bytes = stream.once(in: 4) ? stream.tag() : []
    for _ in 0..<(stream.once(in: 3) ? 2 : 1) {
      if stream.once(in: 2) { bytes += tagFrame(&stream) }
      if stream.once(in: 2) {
        bytes += sound.randomElement(using: &stream)!
      } else {
        let count = Int.random(in: 0..<12, using: &stream)
        let head = frameHead(&stream)
        for _ in 0..<count {
          bytes += frame(stream.once(in: 10) ? frameHead(&stream) : head, &stream)
        }
      }
      if stream.once(in: 5) { bytes += stream.tag() }
    }
    if stream.once(in: 10), !bytes.isEmpty {
      bytes.removeLast(Int.random(in: 0..<bytes.count, using: &stream))
    }
    return bytes
  }

  /// Two bytes that tell bit rate, sample rate and channels, after two that tell version and layer.
  private static func frameHead(_ stream: inout RandomStream) -> [UInt8] {
    let version: UInt8 = [0xFB, 0xFB, 0xF3, 0xE3, 0xFA, 0xFD, 0xFF].randomElement(using: &stream)!
    let bitRate = UInt8.random(in: stream.once(in: 10) ? 0...15 : 1...14, using: &stream)
    let rate = UInt8.random(in: stream.once(in: 20) ? 0...3 : 0...2, using: &stream)
    return [0xFF, version, bitRate << 4 | rate << 2, stream.once(in: 2) ? 0xC0 : 0x40]
  }

  /// A frame of layer III of the length that its head tells, silent or not.
  private static func frame(_ head: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    let isFirst = head[1] & 0x08 != 0
    let kbits =
      isFirst
      ? [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
      : [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0]
    let rates = [44_100, 48_000, 32_000, 44_100]
    let rate = rates[Int(head[2] >> 2 & 3)] / (isFirst ? 1 : head[1] & 0x10 != 0 ? 2 : 4)
    let length = (isFirst ? 144 : 72) * kbits[Int(head[2] >> 4)] * 1000 / rate
    let isSilent = !stream.once(in: 4)
    let body = max(0, length - 4)
    return head + (isSilent ? [UInt8](repeating: 0, count: body) : stream.soundBytes(body))
  }

  /// A frame that tells how many follow, or lies about it.
  private static func tagFrame(_ stream: inout RandomStream) -> [UInt8] {
    var writer = ByteWriter()
    writer.raw([0xFF, 0xFB, 0x90, 0x40])
    writer.raw([UInt8](repeating: 0, count: 32))
    if stream.once(in: 3) {
      writer.text("VBRI")
      for number in [1, 0, 75] { writer.big(number, 2) }
      for number in [stream.length(5000), stream.length(12)] { writer.big(number, 4) }
    } else {
      writer.text(["Xing", "Info"].randomElement(using: &stream)!)
      let flags = Int.random(in: 0...15, using: &stream)
      writer.big(flags, 4)
      if flags & 1 != 0 { writer.big(stream.length(12), 4) }
      if flags & 2 != 0 { writer.big(stream.length(5000), 4) }
      if flags & 4 != 0 { writer.raw(stream.soundBytes(100)) }
      if flags & 8 != 0 { writer.big(50, 4) }
      writer.text("LAME3.100")
      writer.raw(stream.soundBytes(27))
    }
    return writer.bytes + [UInt8](repeating: 0, count: max(0, 417 - writer.bytes.count))
  }
}
