/// The pages of an ogg file.
///
/// libsndfile reads only the first stream of a file, and skips pages with a wrong checksum. This
/// finds all streams, and detects missing pages.
///
/// - Source: RFC 3533; for FLAC in ogg, RFC 9639, section 10.1.
enum OggLayout {
  /// One page.
  fileprivate struct Page {
    /// The range of the page in the file.
    var range: Range<Int>
    var body: Range<Int>
    var isFirst: Bool
    var isLast: Bool
    /// The granule position: the number of the last sample that ends in the page.
    var position: Int
    var serial: Int
    var sequence: Int
  }

  /// The streams that play at the same time, usually one. The first audio stream is the one
  /// decoded.
  fileprivate struct Link {
    var range: Range<Int>
    /// The serial number of the audio stream.
    var sound: Int?
    /// The ranges of its pages, and the FLAC parts of their bodies.
    var pages: [Range<Int>] = []
    var bodies: [Range<Int>] = []
    var isFLAC = false
    var serials: Set<Int> = []
    /// The number of further audio streams.
    var others = 0
    var hasBegun = false
    var hasEnded = false
    /// The sequence number of the last page of each stream.
    var last: [Int: Int] = [:]
    /// The streams that have had a page with samples.
    var sounding: Set<Int> = []
  }

  /// The content at an offset.
  private enum Found {
    case page(Page)
    /// A page that ends after the end of the file.
    case cut
    /// A page with a wrong checksum.
    case damaged
    case nothing
  }

  /// The sections of chained streams, one after the other.
  /// - Throws: `AudioError.corrupt` if a page is damaged or missing.
  static func sections(
    of bytes: SoundBytes, of file: OpenFile
  ) throws(AudioError) -> [SoundSection] {
    var scanner = SoundScanner(bytes, of: file)
    var (links, offset, isCut) = ([Link](), 0, false)
    search: while offset < bytes.count {
      switch found(at: offset, by: &scanner) {
      case .page(let page):
        try append(page, to: &links, by: &scanner)
        offset = page.range.upperBound
      case .damaged:
        throw .corrupt(
          path: file.path, reason: "the checksum of the page at byte \(offset) is wrong")
      case .cut:
        isCut = true
        break search
      case .nothing:
        guard let next = scanner.next("OggS", from: offset + 1) else { break search }
        offset = next
      }
    }
    // Bytes after a page that is marked as the last are not audio.
    isCut = isCut || offset < bytes.count && links.last?.hasEnded == false
    for (number, link) in links.enumerated() where link.others > 0 {
      throw .inconsistent(
        path: file.path,
        reason: "\(link.others + 1) streams play at once in part \(number + 1) of \(links.count); "
          + "write each to a file of its own")
    }
    return links.indices.flatMap { index in
      sections(
        of: links[index], isCut: isCut && index == links.count - 1, in: bytes, of: file)
    }
  }

  private static func sections(
    of link: Link, isCut: Bool, in bytes: SoundBytes, of file: OpenFile
  ) -> [SoundSection] {
    if link.isFLAC {
      return FLACStream.sections(of: bytes[link.bodies], isCut: isCut, of: file)
    }
    let isMixed = link.serials.count > 1 && link.sound != nil
    let bytes = isMixed ? bytes[link.pages] : bytes[link.range]
    return [SoundSection(bytes: bytes, promise: isCut ? .broken : nil)]
  }

  private static func append(
    _ page: Page, to links: inout [Link], by scanner: inout SoundScanner
  ) throws(AudioError) {
    if page.isFirst, links.last?.hasBegun ?? true {
      links.append(Link(range: page.range))
    }
    guard let current = links.indices.last else { return }
    try links[current].append(page, by: &scanner)
  }

  private static func found(at offset: Int, by scanner: inout SoundScanner) -> Found {
    let head = Array(scanner.bytes(at: offset, count: 27))
    guard head.holds("OggS"), head.count == 27, head[4] == 0 else { return .nothing }
    let lengths = scanner.bytes(at: offset + 27, count: Int(head[26]))
    let start = offset + 27 + Int(head[26])
    let end = start + lengths.reduce(0) { $0 + Int($1) }
    guard lengths.count == Int(head[26]), end <= scanner.bytes.count else { return .cut }
    guard
      checksum(scanner.bytes(at: offset, count: end - offset))
        == head.littleEndian(at: 22, count: 4)!
    else { return .damaged }
    return .page(
      Page(
        range: offset..<end, body: start..<end, isFirst: head[5] & 2 != 0,
        isLast: head[5] & 4 != 0, position: head.littleEndian(at: 6, count: 8)!,
        serial: head.littleEndian(at: 14, count: 4)!,
        sequence: head.littleEndian(at: 18, count: 4)!))
  }

  /// CRC-32 with polynomial 0x04C11DB7, not reflected, initial value 0, over a page with its own
  /// checksum set to 0.
  private static func checksum(_ page: ArraySlice<UInt8>) -> Int {
    page.withUnsafeBufferPointer { page in
      var crc: UInt32 = 0
      for i in page.indices {
        let byte = 22..<26 ~= i ? 0 : page[i]
        crc = crc << 8 ^ checksums[Int(crc >> 24) ^ Int(byte)]
      }
      return Int(crc)
    }
  }

  private static let checksums = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { crc, _ in
      crc & 0x8000_0000 == 0 ? crc << 1 : crc << 1 ^ 0x04C1_1DB7
    }
  }
}

extension OggLayout.Link {
  /// - Throws: `AudioError.corrupt` if the page before it is missing.
  fileprivate mutating func append(
    _ page: OggLayout.Page, by scanner: inout SoundScanner
  ) throws(AudioError) {
    if page.isFirst {
      serials.insert(page.serial)
      begin(page, by: &scanner)
    } else {
      hasBegun = true
    }
    try checkOrder(of: page, path: scanner.file.path)
    last[page.serial] = page.sequence
    if page.position > 0 { sounding.insert(page.serial) }
    range = range.lowerBound..<page.range.upperBound
    guard page.serial == sound || sound == nil else { return }
    pages.append(page.range)
    if isFLAC, !page.isFirst { bodies.append(page.body) }
    hasEnded = page.isLast
  }

  /// Detects the codec of a stream that begins: audio, or another kind such as pictures. FLAC
  /// begins either after nine bytes of header or as in a native file.
  private mutating func begin(_ page: OggLayout.Page, by scanner: inout SoundScanner) {
    let start = page.body.lowerBound
    let head = Array(scanner.bytes(at: start, count: 13))
    let isMapped = head.first == 0x7F && head.holds("FLAC", at: 1) && head.holds("fLaC", at: 9)
    let isSound =
      isMapped || head.holds("fLaC") || head.holds("vorbis", at: 1) || head.holds("OpusHead")
      || head.holds("Speex")
    guard isSound else { return }
    guard sound == nil else {
      others += 1
      return
    }
    (sound, pages) = (page.serial, [])
    isFLAC = isMapped || head.holds("fLaC")
    if isFLAC { bodies = [start + (isMapped ? 9 : 0)..<page.body.upperBound] }
  }

  /// Checks the sequence number. The recording of a broadcast starts with headers, then with a page
  /// from the middle, so the first page with samples may have any number.
  private func checkOrder(of page: OggLayout.Page, path: String) throws(AudioError) {
    guard let last = last[page.serial], sounding.contains(page.serial), page.sequence != last + 1
    else { return }
    throw .corrupt(
      path: path,
      reason: "page \(page.sequence) follows page \(last) at byte \(page.range.lowerBound)")
  }
}
