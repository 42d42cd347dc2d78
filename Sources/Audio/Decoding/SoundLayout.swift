/// A stretch of a file that one decoder reads from end to end.
struct SoundSection: Sendable {
  /// What reads it.
  enum Codec: Sendable {
    case sndfile, flac, mpeg
  }

  var codec = Codec.sndfile
  /// What the decoder is given.
  var bytes: SoundBytes
  /// What is known of its length besides what the decoder says.
  var promise: LengthPromise?

  /// Opens it for decoding.
  /// - Throws: `AudioError.notAudio`, `.corrupt`.
  func open(_ file: OpenFile) throws(AudioError) -> any SoundDecoder {
    do {
      switch codec {
      case .sndfile, .flac: return try SoundHandle(reading: bytes, of: file)
      case .mpeg: return try MPEGDecoder(bytes, of: file)
      }
    } catch .notAudio where isKnown(to: file) {
      throw .corrupt(path: file.path, reason: "its header breaks off or makes no sense")
    }
  }

  /// Whether it begins as something that can be decoded.
  private func isKnown(to file: OpenFile) -> Bool {
    let head = bytes.bytes(at: 0, count: 64, of: file)
    return head.holds("fLaC") || head.holds("OpusHead", at: 28) || head.holds("vorbis", at: 29)
  }
}

/// Where the sound lies in a file.
///
/// libsndfile believes the lengths in headers and ends where they end. This compares them with the bytes
/// that are there, so that decoders are given everything that is sound and nothing else.
enum SoundLayout {
  /// The stretches of sound, one after the other: one, but for files that were joined.
  /// - Throws: `AudioError` for a file that is empty, or in which something is missing.
  static func sections(of file: OpenFile) throws(AudioError) -> [SoundSection] {
    guard file.count > 0 else { throw .empty(path: file.path) }
    let all = SoundBytes([0..<file.count])
    let bytes = all[Tags.end(atStartOf: all, of: file)..<file.count]
    let head = bytes.bytes(at: 0, count: 16, of: file)
    if head.holds("fLaC") { return FLACStream.sections(of: bytes, of: file) }
    if head.holds("OggS") { return try OggLayout.sections(of: bytes, of: file) }
    if let chunk = SampleChunk(of: bytes, of: file) {
      return [try chunk.section(of: bytes, of: file)]
    }
    // A title of impossible length is for libmpg123 to pass over; libsndfile would let it print.
    if MPEGHeader.begins(bytes, of: file) || head.holds("ID3") {
      return [SoundSection(codec: .mpeg, bytes: bytes[0..<Tags.start(atEndOf: bytes, of: file)])]
    }
    return [SoundSection(bytes: bytes)]
  }
}

/// Titles and pictures that taggers put around any kind of file.
enum Tags {
  /// A file has one or two at either end; a hostile one may have a million.
  private static let most = 100

  /// Past the ID3v2 tags at the start.
  static func end(atStartOf bytes: SoundBytes, of file: OpenFile) -> Int {
    var offset = 0
    for _ in 0..<most {
      let head = bytes.bytes(at: offset, count: 10, of: file)
      guard head.count == 10, head.holds("ID3"), head[6...].allSatisfy({ $0 < 0x80 }) else {
        return offset
      }
      // Seven bits of each byte count; a flag tells of ten more bytes behind.
      let length = head[6...].reduce(0) { $0 << 7 | Int($1) }
      let end = offset + 10 + length + (head[5] & 0x10 == 0 ? 0 : 10)
      guard end < bytes.count else { return offset }
      offset = end
    }
    return offset
  }

  /// Before the ID3v1 and APE tags at the end.
  static func start(atEndOf bytes: SoundBytes, of file: OpenFile) -> Int {
    var end = bytes.count
    for _ in 0..<most {
      let footer = bytes.bytes(at: end - 32, count: 32, of: file)
      if bytes.bytes(at: end - 128, count: 3, of: file).holds("TAG") {
        end -= 128
      } else if footer.holds("APETAGEX"), let length = footer.littleEndian(at: 12, count: 4),
        let flags = footer.littleEndian(at: 20, count: 4),
        length >= 32, length + (flags >> 31) * 32 <= end
      {
        end -= length + (flags >> 31) * 32
      } else {
        return end
      }
    }
    return end
  }
}
