import Foundation

/// The members of a tar file, found by reading its headers alone.
///
/// Source: POSIX.1-2017, `pax`, "ustar Interchange Format" and "pax Interchange Format"; GNU tar's manual, "Basic Tar
/// Format", for long names (`L`) and numbers in base 256. Different: names of global pax headers do not count, a sparse
/// member is an error, because its bytes do not lie in one piece, and the members of archives behind the first one, as
/// `cat a.tar b.tar` puts them there, are read as well, which GNU tar does with `--ignore-zeros`.
struct TarArchive: Sendable {
  /// A regular file in the archive.
  struct Member: Sendable {
    /// Its path in the archive, without `./` at the start.
    var name: String
    /// Its bytes.
    var range: Range<Int>
  }

  /// The regular files, in the archive's order. Folders and links are left out.
  private(set) var members: [Member] = []
  private var numbers: [[UInt8]: Int] = [:]

  /// Reads the headers.
  /// - Throws: `AudioError.corrupt` if the archive is cut off or no tar file; `.unreadable`.
  init(of file: OpenFile) throws(AudioError) {
    var (offset, overrides) = (0, TarOverrides())
    while let header = try TarHeader(of: file, from: offset) {
      let size = header.isExtension ? header.size : overrides.size ?? header.size
      let range = try header.range(of: size, in: file)
      if header.isExtension {
        try overrides.add(header, range, of: file)
      } else {
        if header.isRegular { try append(overrides.name ?? header.name, range, of: file) }
        overrides = TarOverrides()
      }
      offset = (range.upperBound + TarHeader.block - 1) / TarHeader.block * TarHeader.block
    }
  }

  /// The member of a name; nil if there is none.
  func member(named name: String) -> Member? { numbers[Array(name.utf8)].map { members[$0] } }

  private mutating func append(
    _ bytes: [UInt8], _ range: Range<Int>, of file: OpenFile
  ) throws(AudioError) {
    var bytes = bytes[...]
    while bytes.starts(with: "./".utf8) { bytes = bytes.dropFirst(2) }
    let name = FileName.text(bytes)
    guard !name.isEmpty else { throw TarHeader.damaged(file, "a member has no name") }
    guard numbers.updateValue(members.count, forKey: Array(name.utf8)) == nil else {
      throw TarHeader.damaged(file, "it holds '\(name)' twice")
    }
    members.append(Member(name: name, range: range))
  }
}

/// The 512 bytes before each member.
struct TarHeader {
  /// Bytes of a header; members begin at a multiple of it.
  static let block = 512
  /// The longest name and the longest list of pax records that are read, bytes.
  static let longestExtension = 1 << 20

  /// The path as the header gives it.
  let name: [UInt8]
  /// Bytes of the member.
  let size: Int
  private let type: UInt8
  private let end: Int

  /// The first header at or behind `start`.
  ///
  /// - Returns: Nil if there is none: only blocks of zeros, which end an archive, or no further byte.
  /// - Throws: `AudioError.corrupt`, `.unreadable`.
  init?(of file: OpenFile, from start: Int) throws(AudioError) {
    guard file.count >= Self.block else { throw Self.damaged(file, "its end is missing") }
    guard let (offset, bytes) = try Self.firstBlock(of: file, from: start) else { return nil }
    guard bytes.count == Self.block else { throw Self.damaged(file, "its end is missing") }
    guard Self.checksum(of: bytes) == Self.number(bytes[148..<156]) else {
      throw Self.damaged(file, "no tar header at byte \(offset)")
    }
    guard let size = Self.number(bytes[124..<136]) else {
      throw Self.damaged(file, "the member at byte \(offset) has no valid size")
    }
    (self.size, type, end) = (size, bytes[156], offset + Self.block)
    // In GNU's own format the prefix's bytes hold other fields.
    let hasPrefix = bytes.holds("ustar\0", at: 257) && bytes[345] != 0
    let prefix = hasPrefix ? bytes[345..<500].prefix { $0 != 0 } + [UInt8(ascii: "/")] : []
    name = Array(prefix) + bytes[0..<100].prefix { $0 != 0 }
  }

  /// Whether it is a file with bytes in one piece.
  var isRegular: Bool { [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(type) && !isFolder }

  /// Whether its bytes describe the next member.
  var isExtension: Bool { type.isOne(of: "xgLKX") }

  /// In the oldest format a slash at the end marks a folder.
  private var isFolder: Bool { name.last == UInt8(ascii: "/") }

  /// Links and folders have no bytes, whatever their size.
  private var hasBytes: Bool { !type.isOne(of: "123456") }

  /// The bytes of the member.
  /// - Throws: `AudioError.corrupt` if they reach beyond the file, or are sparse.
  func range(of size: Int, in file: OpenFile) throws(AudioError) -> Range<Int> {
    guard hasBytes else { return end..<end }
    guard !type.isOne(of: "S") else {
      throw Self.damaged(file, "'\(FileName.text(name))' is sparse; pack it again without --sparse")
    }
    guard size <= file.count - end else {
      throw Self.damaged(file, "its end is missing in '\(FileName.text(name))'")
    }
    return end..<end + size
  }

  /// What a header with a long name, or pax records, holds.
  func isOf(_ types: StaticString) -> Bool { type.isOne(of: types) }

  /// The first block at or behind `start` that is not all zeros; nil if there is none.
  private static func firstBlock(
    of file: OpenFile, from start: Int
  ) throws(AudioError) -> (offset: Int, bytes: [UInt8])? {
    for offset in stride(from: start, to: file.count, by: block) {
      let bytes = try file.bytes(at: offset, count: block)
      if bytes.contains(where: { $0 != 0 }) { return (offset, bytes) }
    }
    return nil
  }

  static func damaged(_ file: OpenFile, _ reason: String) -> AudioError {
    .corrupt(path: file.path, reason: reason)
  }

  /// The sum of all bytes, with blanks for the sum itself.
  private static func checksum(of bytes: [UInt8]) -> Int {
    bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
  }

  /// A number in octal digits, or in base 256 if the first bit is set; nil if it is neither or too large.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if field.first == 0x80 {
      let bytes = field.dropFirst()
      guard bytes.prefix(bytes.count - 7).allSatisfy({ $0 == 0 }) else { return nil }
      return bytes.suffix(7).reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") }
      .prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }
}

/// What extension headers say of the member after them.
private struct TarOverrides {
  var name: [UInt8]?
  var size: Int?

  /// - Throws: `AudioError.corrupt`, `.unreadable`.
  mutating func add(
    _ header: TarHeader, _ range: Range<Int>, of file: OpenFile
  ) throws(AudioError) {
    guard range.count <= TarHeader.longestExtension else {
      throw TarHeader.damaged(file, "a header of \(range.count) bytes")
    }
    let bytes = try file.bytes(at: range.lowerBound, count: range.count)
    if header.isOf("L") { name = Array(bytes.prefix { $0 != 0 }) }
    if header.isOf("xX") { try addRecords(bytes[...], of: file) }
  }

  /// Records `LENGTH KEY=VALUE\n`, where the length counts all of that.
  private mutating func addRecords(
    _ records: ArraySlice<UInt8>, of file: OpenFile
  ) throws(AudioError) {
    var rest = records
    while let first = rest.first, first != 0 {
      guard let blank = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
        length > blank + 1 - rest.startIndex, length <= rest.count
      else { throw TarHeader.damaged(file, "a pax header that makes no sense") }
      let record = rest[(blank + 1)..<rest.startIndex + length - 1]
      rest = rest.dropFirst(length)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { continue }
      try add(String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...], of: file)
    }
  }

  private mutating func add(
    _ key: String, _ value: ArraySlice<UInt8>, of file: OpenFile
  ) throws(AudioError) {
    switch key {
    case "path": name = Array(value)
    case "size":
      guard let size = Int(String(decoding: value, as: UTF8.self)), size >= 0 else {
        throw TarHeader.damaged(file, "a pax header with an impossible size")
      }
      self.size = size
    case "GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.size":
      throw TarHeader.damaged(file, "a member is sparse; pack it again without --sparse")
    default: break
    }
  }
}

extension UInt8 {
  fileprivate func isOne(of characters: StaticString) -> Bool {
    characters.withUTF8Buffer { $0.contains(self) }
  }
}
