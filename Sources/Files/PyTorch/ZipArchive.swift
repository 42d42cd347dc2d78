import Foundation

/// The positions of the members of a ZIP file, from its central directory. The members must be
/// stored without compression, as PyTorch writes them.
///
/// - Source: PKWARE's APPNOTE 6.3.10, 4.3 and 4.5.3 (zip64).
struct ZipArchive {
  /// The range of each member in the file. Ranges do not overlap.
  let members: [String: Range<Int>]

  init(_ bytes: Data) throws(TorchProblem) {
    let directory = try Directory(of: bytes)
    var reader = try ByteReader(bytes, at: directory.offset)
    var members: [String: Range<Int>] = [:]
    for _ in 0..<directory.count {
      let member = try Member(&reader)
      guard members.updateValue(try member.range(in: bytes), forKey: member.name) == nil else {
        throw TorchProblem(text: "it has '\(member.name)' twice")
      }
    }
    try Self.checkApart(members)
    self.members = members
  }

  private static func checkApart(_ members: [String: Range<Int>]) throws(TorchProblem) {
    var end = 0
    for (name, range) in members.sorted(by: { $0.value.lowerBound < $1.value.lowerBound })
    where !range.isEmpty {
      guard range.lowerBound >= end else {
        throw TorchProblem(text: "its member '\(name)' overlaps another")
      }
      end = range.upperBound
    }
  }
}

extension ZipArchive {
  /// The position and length of the central directory.
  private struct Directory {
    var offset: Int
    var count: Int

    init(of bytes: Data) throws(TorchProblem) {
      let place = try Self.endRecord(in: bytes)
      var reader = try ByteReader(bytes, at: place + 10)
      count = try reader.integer(bytes: 2)
      try reader.skip(4)
      offset = try reader.integer(bytes: 4)
      if count == 0xFFFF || offset == 0xFFFF_FFFF { try readLarge(bytes, endRecord: place) }
    }

    private mutating func readLarge(_ bytes: Data, endRecord: Int) throws(TorchProblem) {
      var locator = try ByteReader(bytes, at: endRecord - 20)
      try locator.expect(0x0706_4B50, "end of a large directory")
      try locator.skip(4)
      var record = try ByteReader(bytes, at: try locator.integer(bytes: 8))
      try record.expect(0x0606_4B50, "large directory")
      try record.skip(28)
      count = try record.integer(bytes: 8)
      try record.skip(8)
      offset = try record.integer(bytes: 8)
    }

    /// The end record, which only a comment may follow.
    private static func endRecord(in bytes: Data) throws(TorchProblem) -> Int {
      let first = max(0, bytes.count - 22 - 0xFFFF)
      for place in stride(from: bytes.count - 22, through: first, by: -1) {
        guard bytes[place] == 0x50, bytes[place + 1] == 0x4B, bytes[place + 2] == 5,
          bytes[place + 3] == 6
        else { continue }
        let comment = Int(bytes[place + 20]) | Int(bytes[place + 21]) << 8
        if place + 22 + comment == bytes.count { return place }
      }
      throw TorchProblem(text: "its ZIP directory is missing; was it cut off?")
    }
  }

  /// One entry of the central directory.
  private struct Member {
    let name: String
    private let size: Int
    private let header: Int

    init(_ reader: inout ByteReader) throws(TorchProblem) {
      try reader.expect(0x0201_4B50, "directory")
      try reader.skip(4)
      let flags = try reader.integer(bytes: 2)
      let method = try reader.integer(bytes: 2)
      try reader.skip(8)
      let stored = try reader.integer(bytes: 4)
      let original = try reader.integer(bytes: 4)
      let lengths = (
        try reader.integer(bytes: 2), try reader.integer(bytes: 2), try reader.integer(bytes: 2)
      )
      try reader.skip(8)
      let offset = try reader.integer(bytes: 4)
      name = try reader.text(lengths.0)
      var large = LargeNumbers(try reader.data(lengths.1))
      try reader.skip(lengths.2)
      size = try large.resolve(original)
      let packed = try large.resolve(stored)
      header = try large.resolve(offset)
      guard flags & 1 == 0, method == 0, packed == size else {
        throw TorchProblem(
          text: "its member '\(name)' is compressed or encrypted, which PyTorch does not write")
      }
    }

    /// The range of the member's bytes, after a check of its local header.
    func range(in bytes: Data) throws(TorchProblem) -> Range<Int> {
      var reader = try ByteReader(bytes, at: header)
      try reader.expect(0x0403_4B50, "member '\(name)'")
      try reader.skip(22)
      let nameLength = try reader.integer(bytes: 2)
      let extraLength = try reader.integer(bytes: 2)
      guard try reader.text(nameLength) == name else {
        throw TorchProblem(text: "its member '\(name)' has another name in the directory")
      }
      try reader.skip(extraLength)
      let start = try reader.skip(size)
      return start..<start + size
    }
  }

  /// The values of an entry that do not fit 32 bits, in the order of its fields.
  private struct LargeNumbers {
    private var numbers: ByteReader?

    init(_ extra: Data) {
      guard var reader = try? ByteReader(extra) else { return }
      while let kind = try? reader.integer(bytes: 2), let length = try? reader.integer(bytes: 2),
        let field = try? reader.data(length)
      {
        if kind == 1 { numbers = try? ByteReader(field) }
      }
    }

    mutating func resolve(_ value: Int) throws(TorchProblem) -> Int {
      guard value == 0xFFFF_FFFF, numbers != nil else { return value }
      return try numbers!.integer(bytes: 8)
    }
  }
}

extension ByteReader {
  fileprivate mutating func expect(_ signature: Int, _ what: String) throws(TorchProblem) {
    guard try integer(bytes: 4) == signature else {
      throw TorchProblem(text: "its ZIP \(what) is damaged")
    }
  }
}
