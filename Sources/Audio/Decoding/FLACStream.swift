/// A native FLAC stream: its header, and where its frames are.
///
/// An encoder that writes to a pipe cannot go back to tell in the header how many samples there are.
/// The last frame tells it as well.
///
/// Source: RFC 9639.
struct FLACStream {
  private let bytes: SoundBytes
  private let file: OpenFile
  /// Samples by the header, 0 if unknown.
  private let total: Int
  /// Bytes of the longest frame by the header, 0 if unknown.
  private let longestFrame: Int
  private let audioStart: Int
  /// The first frame.
  private let first: FrameHeader

  /// What a frame says of itself.
  private struct FrameHeader {
    /// Of its first sample, if blocks vary in length, else of the block.
    var number: Int
    var countsSamples: Bool
    /// Samples.
    var blockSize: Int
  }

  /// The streams that were written one behind the other.
  ///
  /// - Parameter isCut: Whether it is known that more should follow.
  static func sections(
    of bytes: SoundBytes, isCut: Bool = false, of file: OpenFile
  ) -> [SoundSection] {
    let sound = bytes[0..<Tags.start(atEndOf: bytes, of: file)]
    guard let stream = FLACStream(sound, of: file) else { return [SoundSection(bytes: sound)] }
    let end = stream.end()
    if end == stream.total, stream.positionsRise() {
      return [stream.section(endingAt: end, isCut: isCut)]
    }
    let starts = stream.starts()
    guard starts.count > 1 else { return [stream.section(endingAt: end, isCut: isCut)] }
    return zip(starts, starts.dropFirst() + [sound.count]).map { start, next in
      let part = sound[start..<next]
      let stream = FLACStream(part, of: file)
      return stream.map { $0.section(endingAt: $0.end()) } ?? SoundSection(bytes: part)
    }
  }

  /// Nil if the header is not as it should be.
  private init?(_ bytes: SoundBytes, of file: OpenFile) {
    let info = bytes.bytes(at: 0, count: 42, of: file)
    guard info.holds("fLaC"), info.count == 42, info[4] & 0x7F == 0,
      let audioStart = Self.audioStart(of: bytes, of: file),
      let first = Self.frame(in: bytes.bytes(at: audioStart, count: 16, of: file)[...])
    else { return nil }
    (self.bytes, self.file, self.audioStart, self.first) = (bytes, file, audioStart, first)
    longestFrame = info.bigEndian(at: 15, count: 3)!
    total = Int(info[21] & 0x0F) << 32 | info.bigEndian(at: 22, count: 4)!
  }

  /// Past the blocks of metadata.
  private static func audioStart(of bytes: SoundBytes, of file: OpenFile) -> Int? {
    var offset = 4
    for _ in 0..<1000 {
      let head = bytes.bytes(at: offset, count: 4, of: file)
      guard head.count == 4 else { return nil }
      offset += 4 + head.bigEndian(at: 1, count: 3)!
      if head[0] & 0x80 != 0 { return offset }
    }
    return nil
  }

  /// What a decoder is given, with the length that the last frame tells.
  private func section(endingAt end: Int?, isCut: Bool = false) -> SoundSection {
    guard let end else {
      return SoundSection(codec: .flac, bytes: bytes, promise: total > 0 ? .exact(total) : .broken)
    }
    guard end > total else {
      return SoundSection(codec: .flac, bytes: bytes, promise: .exact(total))
    }
    var info = bytes.bytes(at: 0, count: 42, of: file)
    info[21] = info[21] & 0xF0 | UInt8(end >> 32 & 0x0F)
    for i in 0..<4 { info[22 + i] = UInt8(truncatingIfNeeded: end >> (24 - 8 * i)) }
    // Without the length of its blocks, libFLAC finds no place.
    if info[8...11].allSatisfy({ $0 == 0 }) {
      for i in [8, 10] {
        info[i] = UInt8(truncatingIfNeeded: first.blockSize >> 8)
        info[i + 1] = UInt8(truncatingIfNeeded: first.blockSize)
      }
    }
    return SoundSection(
      codec: .flac, bytes: bytes.replacing(at: 0, with: info),
      promise: isCut ? .broken : .exact(end))
  }

  /// Where all streams begin, this one first.
  private func starts() -> [Int] {
    var scanner = SoundScanner(bytes, of: file)
    var (starts, offset) = ([0], audioStart)
    while let found = scanner.next("fLaC", from: offset) {
      let head = scanner.bytes(at: found + 4, count: 4)
      // A block of metadata with the stream's parameters, 34 bytes long.
      if head.bigEndian(at: 0, count: 4).map({ $0 & 0x7FFF_FFFF == 34 }) == true {
        starts.append(found)
      }
      offset = found + 4
    }
    return starts
  }
}

// MARK: - Frames

extension FLACStream {
  /// Bytes to compute checksums of; a file made to take long has many heads and few frames.
  private static let mostEffort = 1 << 26

  /// Where the last frame ends, in samples; nil if the file does not end with a whole frame.
  private func end() -> Int? {
    let limit = longestFrame > 0 ? longestFrame : 1 << 20
    var (length, effort) = (min(1 << 16, limit), 0)
    while true {
      let start = max(audioStart, bytes.count - length)
      let tail = bytes.bytes(at: start, count: bytes.count - start, of: file)
      for offset in tail.indices.reversed() where tail[offset] == 0xFF {
        guard let frame = Self.frame(in: tail[offset...]) else { continue }
        effort += tail.count - offset
        if effort > Self.mostEffort { return nil }
        if Self.checksum(tail[offset...]) == 0 { return position(of: frame) + frame.blockSize }
      }
      if start == audioStart || length >= limit { return nil }
      length = min(length * 4, limit)
    }
  }

  /// Whether frames at a quarter, a half and three quarters of the bytes lie in order before the end, as
  /// they do unless several streams follow one another.
  private func positionsRise() -> Bool {
    let positions = (1...3).compactMap { quarter -> Int? in
      let start = audioStart + (bytes.count - audioStart) / 4 * quarter
      let part = bytes.bytes(at: start, count: 1 << 16, of: file)
      return part.indices.lazy.compactMap { offset in
        part[offset] == 0xFF ? Self.frame(in: part[offset...]) : nil
      }.first.map(position)
    }
    return zip(positions, positions.dropFirst() + [total]).allSatisfy { $0 <= $1 }
  }

  /// Looks whether each frame begins with the sample at which the one before it ends: libFLAC fills a gap
  /// with silence, and plays a frame that comes twice.
  /// - Throws: `AudioError.corrupt` if one does not.
  static func checkFrames(of bytes: SoundBytes, of file: OpenFile) throws(AudioError) {
    guard let stream = FLACStream(bytes, of: file) else { return }
    if let other = stream.starts().dropFirst().first {
      throw .corrupt(
        path: file.path, reason: "another FLAC file begins at byte \(other), split it off there")
    }
    var scanner = SoundScanner(bytes, of: file)
    var (start, offset, next, effort) = (stream.audioStart, stream.audioStart, 0, 0)
    while let found = scanner.next(0xFF, from: offset) {
      offset = found + 1
      guard let frame = frame(in: scanner.bytes(at: found, count: 16)) else { continue }
      if stream.position(of: frame) == next {
        (start, next) = (found, next + frame.blockSize)
        continue
      }
      effort += found - start
      // Chance makes such a head within a frame as well, but seldom, and not where its checksum ends it.
      if found == start || effort > bytes.count + mostEffort
        || checksum(scanner.bytes(at: start, count: found - start)) == 0
      {
        throw .corrupt(
          path: file.path,
          reason:
            "a frame of sample \(stream.position(of: frame)) stands where sample \(next) should")
      }
    }
  }

  /// The number of a frame's first sample.
  private func position(of frame: FrameHeader) -> Int {
    frame.countsSamples ? frame.number : frame.number * first.blockSize
  }

  /// The head of a frame, if the bytes begin with one.
  private static func frame(in bytes: ArraySlice<UInt8>) -> FrameHeader? {
    guard bytes.count >= 6, bytes[bytes.startIndex + 1] & 0xFE == 0xF8 else { return nil }
    let b = Array(bytes.prefix(16))
    guard b[0] == 0xFF, b[2] >> 4 != 0, b[2] & 0x0F != 15,
      b[3] >> 4 <= 10, b[3] & 1 == 0, let (number, digits) = codedNumber(b[4...])
    else { return nil }
    let (sizeCode, rateCode) = (b[2] >> 4, b[2] & 0x0F)
    let sizeBytes = sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0
    let rateBytes = rateCode == 12 ? 1 : rateCode == 13 || rateCode == 14 ? 2 : 0
    let end = 4 + digits + sizeBytes + rateBytes
    guard end < b.count, headChecksum(b[..<end]) == b[end] else { return nil }
    let extra = b.bigEndian(at: 4 + digits, count: sizeBytes) ?? 0
    let size =
      switch sizeCode {
      case 1: 192
      case 2...5: 576 << (Int(sizeCode) - 2)
      case 6, 7: extra + 1
      default: 256 << (Int(sizeCode) - 8)
      }
    return FrameHeader(number: number, countsSamples: b[1] & 1 == 1, blockSize: size)
  }

  /// A number in the manner of UTF-8, of up to seven bytes.
  private static func codedNumber(_ bytes: ArraySlice<UInt8>) -> (number: Int, bytes: Int)? {
    guard let head = bytes.first else { return nil }
    let ones = (~head).leadingZeroBitCount
    if ones == 0 { return (Int(head), 1) }
    let rest = bytes.dropFirst().prefix(ones - 1)
    guard ones >= 2, ones <= 7, rest.count == ones - 1, rest.allSatisfy({ $0 >> 6 == 2 }) else {
      return nil
    }
    return (rest.reduce(Int(head) & (0x7F >> ones)) { $0 << 6 | Int($1 & 0x3F) }, ones)
  }

  /// CRC-8 with polynomial 0x07.
  private static func headChecksum(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    bytes.reduce(0) { sum, byte in
      (0..<8).reduce(sum ^ byte) { crc, _ in crc & 0x80 == 0 ? crc << 1 : crc << 1 ^ 0x07 }
    }
  }

  /// CRC-16 with polynomial 0x8005; 0 over a frame with its own.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    bytes.withUnsafeBufferPointer { bytes in
      var crc: UInt16 = 0
      for byte in bytes { crc = crc << 8 ^ checksums[Int(crc >> 8) ^ Int(byte)] }
      return crc
    }
  }

  private static let checksums = (0..<256).map { byte in
    (0..<8).reduce(UInt16(byte) << 8) { crc, _ in
      crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x8005
    }
  }
}
