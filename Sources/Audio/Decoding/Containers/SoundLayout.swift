/// A part of a file that one decoder reads from start to end.
struct SoundSection: Sendable {
  /// The decoder.
  enum Codec: Sendable {
    case sndfile, flac, mpeg
  }

  var codec = Codec.sndfile
  /// The bytes for the decoder.
  var bytes: SoundBytes
  /// The promised length, if it is known from elsewhere than the decoder.
  var promise: LengthPromise?

  /// Opens the decoder.
  /// - Throws: `AudioError.notAudio`, `.corrupt`.
  func open(_ file: OpenFile) throws(AudioError) -> any SoundDecoder {
    do {
      switch codec {
      case .sndfile, .flac: return try SoundHandle(reading: bytes, of: file)
      case .mpeg: return try MPEGDecoder(bytes, of: file)
      }
    } catch .notAudio where isKnown(to: file) {
      throw .corrupt(path: file.path, reason: "its header is incomplete or invalid")
    }
  }

  /// Whether the section begins with the signature of a known format.
  private func isKnown(to file: OpenFile) -> Bool {
    let head = bytes.bytes(at: 0, count: 64, of: file)
    return head.holds("fLaC") || head.holds("OpusHead", at: 28) || head.holds("vorbis", at: 29)
  }
}

/// Finds the audio in a file.
///
/// libsndfile relies on the lengths in headers and stops there. This compares them with the size of
/// the file, so that decoders read all of the audio and nothing else.
enum SoundLayout {
  /// The sections of audio, one after the other; more than one only if files were concatenated.
  /// - Throws: `AudioError` if the file is empty or a part is missing.
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
    // A file with an ID3 tag of impossible length goes to libmpg123, which skips it; libsndfile
    // would print a warning.
    if MPEGHeader.begins(bytes, of: file) || head.holds("ID3") {
      return [SoundSection(codec: .mpeg, bytes: bytes[0..<Tags.start(atEndOf: bytes, of: file)])]
    }
    return [SoundSection(bytes: bytes)]
  }
}

/// Metadata tags that taggers add to any kind of file.
enum Tags {
  /// The greatest number of tags. A file has one or two at each end; a malicious one may have a
  /// million.
  private static let most = 100

  /// The end of the ID3v2 tags at the start.
  static func end(atStartOf bytes: SoundBytes, of file: OpenFile) -> Int {
    var offset = 0
    for _ in 0..<most {
      let head = bytes.bytes(at: offset, count: 10, of: file)
      guard head.count == 10, head.holds("ID3"), head[6...].allSatisfy({ $0 < 0x80 }) else {
        return offset
      }
      // The length has seven bits in each byte; a flag means a footer of ten more bytes.
      let length = head[6...].reduce(0) { $0 << 7 | Int($1) }
      let end = offset + 10 + length + (head[5] & 0x10 == 0 ? 0 : 10)
      guard end < bytes.count else { return offset }
      offset = end
    }
    return offset
  }

  /// The start of the ID3v1 and APE tags at the end.
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
