/// The chunk of a wav, rf64, w64, aiff, caf or au file that holds the samples.
///
/// A program that writes to a pipe, or that is killed, leaves a length of 0 or -1 in the header.
/// libsndfile accepts some of these lengths and silently shortens others. This compares the length
/// with the size of the file.
struct SampleChunk {
  /// The position of the first sample.
  private var start: Int
  /// The bytes of samples according to the header; nil if the header does not give them.
  private var stated: Int?
  /// The bytes of one frame; nil if frames are compressed.
  private var frameBytes: Int?
  /// Whether the chunk holds mp3.
  private var isMPEG = false
  private var isBW64 = false
  private var field: LengthField
  private var style: ChunkStyle?

  /// The field of the header that gives the length.
  fileprivate struct LengthField {
    var offset: Int
    var count: Int
    var isBigEndian: Bool
    /// The bytes that the field counts besides the samples.
    var more = 0

    /// The content of the field for `length` bytes of samples; nil if the number does not fit.
    func bytes(for length: Int) -> [UInt8]? {
      guard count == 8 || length + more < 1 << (8 * count) else { return nil }
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: (length + more) >> (8 * $0)) }
      return isBigEndian ? bytes.reversed() : bytes
    }
  }

  /// Nil for other kinds of files and for files without samples.
  init?(of bytes: SoundBytes, of file: OpenFile) {
    let head = bytes.bytes(at: 0, count: 32, of: file)
    var reader = HeaderReader(bytes, of: file)
    let chunk: SampleChunk? =
      if ["RIFF", "RF64", "BW64"].contains(where: { head.holds($0) }), head.holds("WAVE", at: 8) {
        Self.wav(&reader, .riff)
      } else if head.holds("RIFX"), head.holds("WAVE", at: 8) {
        Self.wav(&reader, .rifx)
      } else if head.holds("riff"), head.holds("wave", at: 24) {
        Self.wav(&reader, .w64)
      } else if head.holds("FORM"), head.holds("AIF", at: 8) {
        Self.aiff(&reader)
      } else if head.holds("caff") {
        Self.caf(&reader)
      } else if head.holds(".snd") || head.holds("dns.") {
        Self.au(head)
      } else {
        nil
      }
    guard let chunk, chunk.start <= bytes.count else { return nil }
    self = chunk
    isBW64 = head.holds("BW64")
  }

  private init(
    start: Int, stated: Int?, frameBytes: Int?, field: LengthField, style: ChunkStyle? = nil
  ) {
    (self.start, self.field, self.style) = (start, field, style)
    let isPlaceholder =
      stated.map { $0 <= 0 || (0x7FFF_F000...0x8000_0000).contains($0) || $0 >= 0xFFFF_F000 }
      ?? true
    self.stated = field.count == 8 || !isPlaceholder ? stated : nil
    if let stated, field.count == 8, stated <= 0 || stated >= 1 << 48 { self.stated = nil }
    self.frameBytes = frameBytes.flatMap { $0 > 0 ? $0 : nil }
  }
}

// MARK: - The section for a decoder

extension SampleChunk {
  /// All samples of the file.
  /// - Throws: `AudioError.inconsistent` if the header counts fewer bytes of samples than there
  ///   are; `.empty`.
  func section(of bytes: SoundBytes, of file: OpenFile) throws(AudioError) -> SoundSection {
    let rest = bytes.count - start
    guard let stated else {
      // A length of 0 is right if only chunks without samples follow.
      guard rest > 0, !isFilling(from: start, bytes, file) else { throw .empty(path: file.path) }
      return section(of: rest, in: bytes, promise: frameBytes.map { .exact(rest / $0) })
    }
    guard stated < rest else {
      let promise = frameBytes.map { LengthPromise.exact(stated / $0) }
      if stated == rest { return section(of: bytes, promise: promise) }
      return section(of: rest, in: bytes, promise: promise ?? .broken)
    }
    guard isFilling(from: start + stated, bytes, file) else {
      throw .inconsistent(
        path: file.path,
        reason:
          "its header counts \(stated) bytes of sound and \(rest - stated) more follow; write the "
          + "file anew ('sox --ignore-length IN OUT' does for most), or cut off the rest")
    }
    let promise = frameBytes.map { LengthPromise.exact(stated / $0) }
    // libsndfile reads the bytes after the samples of a w64 file as samples.
    return style == .w64
      ? section(of: stated, in: bytes, promise: promise) : section(of: bytes, promise: promise)
  }

  /// The section of the unchanged file.
  private func section(of bytes: SoundBytes, promise: LengthPromise?) -> SoundSection {
    if isMPEG {
      let end = promise == .broken ? LengthPromise.broken : nil
      return SoundSection(codec: .mpeg, bytes: bytes[start..<bytes.count], promise: end)
    }
    // libsndfile recognises the format by its former name.
    let head = isBW64 ? bytes.replacing(at: 0, with: Array("RF64".utf8)) : bytes
    return SoundSection(bytes: head, promise: promise)
  }

  /// The section of a file with `length` bytes of samples, with this length in its header.
  private func section(
    of length: Int, in bytes: SoundBytes, promise: LengthPromise?
  ) -> SoundSection {
    let bytes = bytes[0..<start + length]
    if isMPEG { return section(of: bytes, promise: promise) }
    // A length field after the samples is beyond the part that is passed on.
    guard field.offset + field.count <= start else { return section(of: bytes, promise: promise) }
    guard let field = field.bytes(for: length) else {
      return section(of: style == .riff ? asRF64(bytes, length) : bytes, promise: promise)
    }
    return section(of: bytes.replacing(at: self.field.offset, with: field), promise: promise)
  }

  /// Turns a wav of more than 4 GiB, whose length does not fit its header, into an RF64 file.
  private func asRF64(_ bytes: SoundBytes, _ length: Int) -> SoundBytes {
    let unknown = [UInt8](repeating: 0xFF, count: 4)
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * min($0, 7))) }
    }
    let sizes = number(start + length + 28, 8) + number(length, 8) + number(0, 12)
    return bytes.replacing(at: 0, with: Array("RF64".utf8) + unknown)
      .replacing(at: field.offset, with: unknown)
      .inserting(Array("ds64".utf8) + number(sizes.count, 4) + sizes, at: 12)
  }

  /// Whether the bytes from `offset` on are only chunks, tags or zeros.
  private func isFilling(from offset: Int, _ bytes: SoundBytes, _ file: OpenFile) -> Bool {
    let end = Tags.start(atEndOf: bytes, of: file)
    if end - offset < max(frameBytes ?? 0, 16) { return true }
    var reader = HeaderReader(bytes[0..<end], of: file)
    if let style {
      // Some writers omit the padding byte after a chunk of odd length.
      let padded = offset + (style.alignment - offset % style.alignment) % style.alignment
      if [offset, padded].contains(where: { reader.chunks(style, from: $0, fill: end) }) {
        return true
      }
    }
    return Tags.end(atStartOf: bytes[offset..<bytes.count], of: file) > 0
      || reader.isZero(offset..<end)
  }
}

// MARK: - Headers

extension SampleChunk {
  private static func wav(_ reader: inout HeaderReader, _ style: ChunkStyle) -> SampleChunk? {
    guard let format = reader.chunk("fmt ", style), let data = reader.chunk("data", style) else {
      return nil
    }
    let fields = reader.bytes(at: format.start, count: 26)
    func number(_ offset: Int) -> Int {
      (style.isBigEndian
        ? fields.bigEndian(at: offset, count: 2) : fields.littleEndian(at: offset, count: 2)) ?? 0
    }
    let tag = number(0) == 0xFFFE ? number(24) : number(0)
    // For PCM, float, A-law and µ-law a block is one frame.
    let frameBytes = [1, 3, 6, 7].contains(tag) ? number(12) : nil
    var (field, stated) = (style.lengthField(of: data), data.length)
    if data.length == 0xFFFF_FFFF, let sizes = reader.chunk("ds64", style) {
      field = LengthField(offset: sizes.start + 8, count: 8, isBigEndian: false)
      stated = reader.bytes(at: sizes.start + 8, count: 8).littleEndian(at: 0, count: 8) ?? 0
    }
    var chunk = SampleChunk(
      start: data.start, stated: stated, frameBytes: frameBytes, field: field, style: style)
    chunk.isMPEG = tag == 0x50 || tag == 0x55
    return chunk
  }

  private static func aiff(_ reader: inout HeaderReader) -> SampleChunk? {
    guard let common = reader.chunk("COMM", .aiff), let sound = reader.chunk("SSND", .aiff),
      let offset = reader.bytes(at: sound.start, count: 4).bigEndian(at: 0, count: 4)
    else { return nil }
    let fields = reader.bytes(at: common.start, count: 22)
    guard let channels = fields.bigEndian(at: 0, count: 2),
      let frames = fields.bigEndian(at: 2, count: 4), let bits = fields.bigEndian(at: 6, count: 2)
    else { return nil }
    let codecs: [StaticString] = ["NONE", "twos", "sowt", "raw ", "fl32", "FL32", "fl64", "FL64"]
    let isPlain = common.length < 22 || codecs.contains { fields.holds($0, at: 18) }
    let frameBytes = isPlain ? channels * ((bits + 7) / 8) : nil
    let isCounted = frames > 0 && frames < 0x7FFF_F000
    let counted = isCounted ? frames * (frameBytes ?? 0) : 0
    let stated = sound.length - 8 - offset
    return SampleChunk(
      start: sound.start + 8 + offset, stated: stated > 0 ? max(stated, counted) : counted,
      frameBytes: frameBytes,
      field: LengthField(
        offset: sound.start - 4, count: 4, isBigEndian: true, more: 8 + offset), style: .aiff)
  }

  private static func caf(_ reader: inout HeaderReader) -> SampleChunk? {
    guard let format = reader.chunk("desc", .caf), let data = reader.chunk("data", .caf) else {
      return nil
    }
    let fields = reader.bytes(at: format.start, count: 24)
    let isPlain = fields.bigEndian(at: 20, count: 4) == 1
    // The samples follow a count of edits, four bytes.
    return SampleChunk(
      start: data.start + 4, stated: data.length - 4,
      frameBytes: isPlain ? fields.bigEndian(at: 16, count: 4) : nil,
      field: LengthField(offset: data.start - 8, count: 8, isBigEndian: true, more: 4),
      style: .caf)
  }

  private static func au(_ head: [UInt8]) -> SampleChunk? {
    let isBig = head.holds(".snd")
    func number(_ offset: Int) -> Int {
      (isBig ? head.bigEndian(at: offset, count: 4) : head.littleEndian(at: offset, count: 4)) ?? 0
    }
    let bytes = [1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1][number(12)]
    return SampleChunk(
      start: number(4), stated: number(8), frameBytes: bytes.map { $0 * number(20) },
      field: LengthField(offset: 8, count: 4, isBigEndian: isBig))
  }
}

/// The chunk layout of a family of formats: a name, a length, the content.
private enum ChunkStyle {
  case riff, rifx, w64, aiff, caf

  var isBigEndian: Bool { self == .rifx || self == .aiff || self == .caf }
  /// The position of the first chunk.
  var start: Int { self == .w64 ? 40 : self == .caf ? 8 : 12 }
  /// The bytes of a name; if it has sixteen, the first four identify it.
  var nameBytes: Int { self == .w64 ? 16 : 4 }
  var lengthBytes: Int { self == .w64 || self == .caf ? 8 : 4 }
  /// Chunks begin at multiples of this number.
  var alignment: Int { self == .w64 ? 8 : self == .caf ? 1 : 2 }
  /// The bytes of name and length together.
  var headBytes: Int { nameBytes + lengthBytes }

  func lengthField(of chunk: HeaderReader.Chunk) -> SampleChunk.LengthField {
    SampleChunk.LengthField(
      offset: chunk.start - lengthBytes, count: lengthBytes, isBigEndian: isBigEndian,
      more: self == .w64 ? headBytes : 0)
  }
}

/// Reads the chunks of a file.
private struct HeaderReader {
  struct Chunk {
    var name: [UInt8]
    /// The start of the content.
    var start: Int
    /// The bytes of the content according to the header.
    var length: Int
  }

  private var scanner: SoundScanner

  init(_ bytes: SoundBytes, of file: OpenFile) { scanner = SoundScanner(bytes, of: file) }

  mutating func bytes(at offset: Int, count: Int) -> ArraySlice<UInt8> {
    scanner.bytes(at: offset, count: count)
  }

  /// The first chunk of a name.
  mutating func chunk(_ name: StaticString, _ style: ChunkStyle) -> Chunk? {
    var offset = style.start
    // An audio file has a few chunks; a malicious one may have a million empty ones.
    for _ in 0..<1000 {
      guard let chunk = chunk(at: offset, style) else { return nil }
      if chunk.name.holds(name) { return chunk }
      guard let next = next(after: chunk, style) else { return nil }
      offset = next
    }
    return nil
  }

  /// Whether chunks with printable names fill the bytes up to `end` without a gap.
  mutating func chunks(_ style: ChunkStyle, from start: Int, fill end: Int) -> Bool {
    var offset = start
    for _ in 0..<1000 {
      if offset >= end { return true }
      guard let chunk = chunk(at: offset, style),
        chunk.name.prefix(4).allSatisfy({ 0x20...0x7E ~= $0 }),
        let next = next(after: chunk, style), next <= end + style.alignment
      else { return false }
      offset = next
    }
    return false
  }

  mutating func isZero(_ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let part = bytes(at: offset, count: min(1 << 16, range.upperBound - offset))
      guard !part.isEmpty, part.allSatisfy({ $0 == 0 }) else { return false }
      offset += part.count
    }
    return true
  }

  private mutating func chunk(at offset: Int, _ style: ChunkStyle) -> Chunk? {
    let head = Array(bytes(at: offset, count: style.headBytes))
    guard head.count == style.headBytes else { return nil }
    let length =
      style.isBigEndian
      ? head.bigEndian(at: style.nameBytes, count: style.lengthBytes)!
      : head.littleEndian(at: style.nameBytes, count: style.lengthBytes)!
    // A length beyond that of any file is unknown, as is -1.
    let isKnown = length >= 0 && length < 1 << 48
    return Chunk(
      name: Array(head.prefix(style.nameBytes)), start: offset + style.headBytes,
      length: !isKnown ? -1 : style == .w64 ? length - style.headBytes : length)
  }

  /// The position of the next chunk; nil if the length of this one is invalid.
  private func next(after chunk: Chunk, _ style: ChunkStyle) -> Int? {
    guard chunk.length >= 0, chunk.length < 1 << 48 else { return nil }
    let end = chunk.start + chunk.length
    return end + (style.alignment - end % style.alignment) % style.alignment
  }
}
