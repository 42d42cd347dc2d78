/// The pages of an ogg file.
///
/// libsndfile reads the first stream of a file and passes over pages whose checksum is wrong. This finds
/// all streams, and what is missing.
///
/// Source: RFC 3533; for FLAC in ogg, RFC 9639, section 10.1.
enum OggLayout {
  /// A page.
  fileprivate struct Page {
    /// In the file.
    var range: Range<Int>
    var body: Range<Int>
    var isFirst: Bool
    var isLast: Bool
    /// The number of the last sample that ends in it.
    var position: Int
    var serial: Int
    var sequence: Int
  }

  /// Streams that play together, most often one. Only the first of sound counts.
  fileprivate struct Link {
    var range: Range<Int>
    /// The stream of sound.
    var sound: Int?
    /// Its pages, and what of them is FLAC.
    var pages: [Range<Int>] = []
    var bodies: [Range<Int>] = []
    var isFLAC = false
    var serials: Set<Int> = []
    /// Streams of sound besides that.
    var others = 0
    var hasBegun = false
    var hasEnded = false
    /// The number of each stream's last page.
    var last: [Int: Int] = [:]
    /// The streams whose sound has begun.
    var sounding: Set<Int> = []
  }

  /// What lies at an offset.
  private enum Found {
    case page(Page)
    /// One that reaches past the end of the file.
    case cut
    /// One whose checksum is wrong.
    case damaged
    case nothing
  }

  /// The links of a chain, one after the other.
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
    // What follows the mark of the last page is no sound.
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

  /// CRC-32 with polynomial 0x04C11DB7, not reflected, from 0, of a page without its own.
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
  /// - Throws: `AudioError.corrupt` if one before it is missing.
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

  /// Looks what begins: sound or, say, pictures. FLAC comes after a head of nine bytes, or as in a file.
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

  /// Pages are numbered. Whoever joins a broadcast gets headers and then the page of the moment.
  private func checkOrder(of page: OggLayout.Page, path: String) throws(AudioError) {
    guard let last = last[page.serial], sounding.contains(page.serial), page.sequence != last + 1
    else { return }
    throw .corrupt(
      path: path,
      reason: "page \(page.sequence) follows page \(last) at byte \(page.range.lowerBound)")
  }
}
