/// A native FLAC stream: its header, and the positions of its frames.
///
/// An encoder that writes to a pipe cannot go back and write the number of samples into the header.
/// The last frame gives that number as well.
///
/// - Source: RFC 9639.
struct FLACStream {
  private let bytes: SoundBytes
  private let file: OpenFile
  /// The number of samples according to the header, 0 if unknown.
  private let total: Int
  /// The bytes of the longest frame according to the header, 0 if unknown.
  private let longestFrame: Int
  private let audioStart: Int
  /// The header of the first frame.
  private let first: FrameHeader

  /// The header of a frame.
  private struct FrameHeader {
    /// The number of the first sample if blocks vary in length, else the number of the block.
    var number: Int
    var countsSamples: Bool
    /// The number of samples.
    var blockSize: Int
  }

  /// The sections of concatenated FLAC streams.
  ///
  /// - Parameter isCut: Whether it is known that the end of the stream is missing.
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

  /// Nil if the header is invalid.
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

  /// The end of the metadata blocks.
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

  /// The section that a decoder reads, with the length that the last frame gives.
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
    // libFLAC cannot seek without the block size in the header.
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

  /// The positions of all streams, this one first.
  private func starts() -> [Int] {
    var scanner = SoundScanner(bytes, of: file)
    var (starts, offset) = ([0], audioStart)
    while let found = scanner.next("fLaC", from: offset) {
      let head = scanner.bytes(at: found + 4, count: 4)
      // The first metadata block, STREAMINFO, is 34 bytes long.
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
  /// The number of bytes of which checksums are computed at most. A malicious file may have many
  /// frame headers and few frames.
  private static let mostEffort = 1 << 26

  /// The end of the last frame, in samples; nil if the file does not end with a complete frame.
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

  /// Whether the frames at one, two and three quarters of the bytes have increasing positions below
  /// `total`. Concatenated streams have not.
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

  /// Checks that each frame begins with the sample after the previous frame. libFLAC fills a gap
  /// with silence, and decodes a repeated frame twice.
  /// - Throws: `AudioError.corrupt` if a frame does not.
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
      // Bytes within a frame may look like a frame header by chance, but rarely, and the checksum
      // of the frame that would end there does not match.
      if found == start || effort > bytes.count + mostEffort
        || checksum(scanner.bytes(at: start, count: found - start)) == 0
      {
        throw .corrupt(
          path: file.path,
          reason:
            "a frame of sample \(stream.position(of: frame)) begins where sample \(next) should")
      }
    }
  }

  /// The number of the first sample of a frame.
  private func position(of frame: FrameHeader) -> Int {
    frame.countsSamples ? frame.number : frame.number * first.blockSize
  }

  /// The header of a frame; nil if the bytes do not begin with one.
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

  /// A number of up to seven bytes in the coding of UTF-8.
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

  /// CRC-16 with polynomial 0x8005; 0 for a frame including its own checksum.
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
