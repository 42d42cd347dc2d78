/// The first frame of an mp3 file.
enum MPEGHeader {
  /// Whether the bytes begin with an mp3 frame. An encoder may write zeros before it.
  static func begins(_ bytes: SoundBytes, of file: OpenFile) -> Bool {
    var scanner = SoundScanner(bytes, of: file)
    var offset = 0
    while offset < min(bytes.count, 1 << 16), scanner.bytes(at: offset, count: 1).first == 0 {
      offset += 1
    }
    return isFrame(Array(scanner.bytes(at: offset, count: 4)))
  }

  /// Whether these are a frame header: eleven one bits, then a valid version, layer, bit rate and
  /// sample rate.
  private static func isFrame(_ head: [UInt8]) -> Bool {
    head.count == 4 && head[0] == 0xFF && head[1] >= 0xE0 && head[1] & 0x18 != 0x08
      && head[1] & 0x06 != 0 && head[2] & 0xF0 != 0xF0 && head[2] & 0x0C != 0x0C
  }

  /// The tag in the first frame.
  struct Tag {
    /// Whether the tag gives the number of frames.
    var countsFrames: Bool
    /// The total number of bytes of the frames; nil if the tag does not give it.
    var bytes: Int?
  }

  /// The tag of the encoder, named Xing, Info or VBRI; nil if there is none.
  static func tag(of bytes: SoundBytes, of file: OpenFile) -> Tag? {
    var scanner = SoundScanner(bytes, of: file)
    var offset = 0
    while offset < min(bytes.count, 1 << 16), scanner.bytes(at: offset, count: 1).first == 0 {
      offset += 1
    }
    // The tag follows the frame's four bytes of header and up to 32 of side information.
    let frame = Array(scanner.bytes(at: offset, count: 200))
    guard
      let start = frame.indices.first(where: { place in
        ["Xing", "Info", "VBRI"].contains { frame.holds($0, at: place) }
      })
    else { return nil }
    if frame.holds("VBRI", at: start) {
      return Tag(countsFrames: true, bytes: frame.bigEndian(at: start + 10, count: 4))
    }
    guard let flags = frame.bigEndian(at: start + 4, count: 4) else { return nil }
    let hasFrames = flags & 1 != 0
    let bytes = flags & 2 == 0 ? nil : frame.bigEndian(at: start + (hasFrames ? 12 : 8), count: 4)
    return Tag(countsFrames: hasFrames, bytes: bytes)
  }
}
