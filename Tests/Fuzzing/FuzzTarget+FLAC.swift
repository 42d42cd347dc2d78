import Tensor

extension FuzzTarget {
  /// FLAC files whose frames have right checksums, under odd headers, joined or cut.
  static let flac = FuzzTarget("flac", bytes: flacFile, read: readSound)

  @Sendable private static func flacFile(_ stream: inout RandomStream) -> [UInt8] {
    var bytes = stream.once(in: 15) ? stream.tag() : []
    for _ in 0..<(stream.once(in: 5) ? 3 : 1) { bytes += flacStream(&stream) }
    return stream.once(in: 10) ? bytes + stream.tag() : bytes
  }

  /// A stream with its header.
  static func flacStream(_ stream: inout RandomStream) -> [UInt8] {
    let channels = Int.random(in: 1...(stream.once(in: 8) ? 8 : 2), using: &stream)
    let blockSize = [192, 256, 576, 1000].randomElement(using: &stream)!
    let count = Int.random(in: 0..<8, using: &stream)
    let isVariable = stream.once(in: 4)
    var frames: [[UInt8]] = []
    var position = 0
    for number in 0..<count {
      let size = number == count - 1 ? Int.random(in: 1...blockSize, using: &stream) : blockSize
      frames.append(
        flacFrame(
          isVariable ? position : number, isVariable: isVariable, size: size, channels: channels,
          &stream))
      position += size
    }
    if stream.once(in: 10), !frames.isEmpty { frames.remove(at: frames.count / 2) }
    if stream.once(in: 10), let frame = frames.randomElement(using: &stream) {
      frames.append(frame)
    }
    return flacHeader(position, blockSize, channels, &stream) + frames.joined()
  }

  private static func flacHeader(
    _ total: Int, _ blockSize: Int, _ channels: Int, _ stream: inout RandomStream
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.text("fLaC")
    let others = Int.random(in: 0..<3, using: &stream)
    writer.big((others == 0 ? 0x80 : 0) << 24 | 34, 4)
    let isKnown = !stream.once(in: 6)
    for _ in 0..<2 { writer.big(isKnown ? blockSize : 0, 2) }
    writer.big(0, 6)
    let told = stream.once(in: 3) ? 0 : stream.length(total)
    // 20 bits of rate, 3 of channels, 5 of bits a sample, 36 of samples.
    writer.big(8000 << 44 | (channels - 1) << 41 | 15 << 36 | told & 0xF_FFFF_FFFF, 8)
    writer.big(0, 16)
    for other in 0..<others {
      let content = stream.soundBytes(Int.random(in: 0..<60, using: &stream))
      let isLast = other == others - 1 && !stream.once(in: 30)
      let type = [1, 1, 4, 3, 2, 126].randomElement(using: &stream)!
      let length =
        stream.once(in: 30) ? stream.length(content.count) & 0xFF_FFFF : content.count
      writer.big((isLast ? 0x80 | type : type) << 24 | length, 4)
      writer.raw(content)
    }
    return writer.bytes
  }

  /// A frame of constant or plain samples.
  private static func flacFrame(
    _ number: Int, isVariable: Bool, size: Int, channels: Int, _ stream: inout RandomStream
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.raw([0xFF, isVariable ? 0xF9 : 0xF8])
    writer.raw([0x70, UInt8(channels - 1) << 4 | 4 << 1])
    writer.raw(coded(number))
    writer.big(size - 1, 2)
    writer.raw([crc8(writer.bytes)])
    for _ in 0..<channels {
      if stream.once(in: 2) {
        writer.raw([0, .random(in: 0...255, using: &stream), 0])
      } else {
        writer.raw([2])
        writer.raw(stream.soundBytes(2 * size))
      }
    }
    if stream.once(in: 30) { writer.raw([0]) }
    writer.big(Int(crc16(writer.bytes)), 2)
    return writer.bytes
  }

  /// A number in the manner of UTF-8.
  private static func coded(_ number: Int) -> [UInt8] {
    guard number >= 0x80 else { return [UInt8(number)] }
    let (head, rest): (UInt8, Int) = number < 0x800 ? (0xC0, 1) : (0xE0, 2)
    return [head | UInt8(number >> (6 * rest))]
      + (0..<rest).reversed().map { 0x80 | UInt8(number >> (6 * $0) & 0x3F) }
  }

  private static func crc8(_ bytes: [UInt8]) -> UInt8 {
    bytes.reduce(0) { sum, byte in
      (0..<8).reduce(sum ^ byte) { crc, _ in crc & 0x80 == 0 ? crc << 1 : crc << 1 ^ 0x07 }
    }
  }

  private static func crc16(_ bytes: [UInt8]) -> UInt16 {
    bytes.reduce(0) { sum, byte in
      (0..<8).reduce(sum ^ UInt16(byte) << 8) { crc, _ in
        crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x8005
      }
    }
  }
}
