import Foundation

/// Writes a ZIP file member by member. Members are not compressed and begin at multiples of 64
/// bytes, as PyTorch writes them.
///
/// - Source: PKWARE's APPNOTE 6.3.10, 4.3.
struct ZipWriter {
  private let file: FileHandle
  private var directory = Data()
  private var count: UInt16 = 0
  private var position = 0

  init(_ file: FileHandle) { self.file = file }

  /// Adds a member with this content.
  mutating func add(_ name: String, _ content: Data) throws {
    let checksum = content.withUnsafeBytes { CRC32.checksum(of: $0) }
    try add(name, byteCount: content.count, checksum: checksum) {
      try $0.write(contentsOf: content)
    }
  }

  /// Adds a member whose content `write` writes.
  mutating func add(
    _ name: String, byteCount: Int, checksum: UInt32, write: (FileHandle) throws -> Void
  ) throws {
    let padding = Self.padding(upTo: position + 30 + name.utf8.count)
    var fields = Data()
    fields.append(littleEndian: UInt16(10))  // the version needed: 1.0
    fields.append(Data(count: 4))  // no flags, stored
    fields.append(littleEndian: UInt32(0x0021_0000))  // midnight of 1 January 1980
    fields.append(littleEndian: checksum)
    fields.append(littleEndian: try Self.number(byteCount))
    fields.append(littleEndian: try Self.number(byteCount))
    fields.append(littleEndian: UInt16(name.utf8.count))

    var header = Data([0x50, 0x4B, 3, 4]) + fields
    header.append(littleEndian: UInt16(padding.count))
    header.append(contentsOf: name.utf8)
    header.append(padding)
    list(name, fields, at: try Self.number(position))
    try file.write(contentsOf: header)
    try write(file)
    position += header.count + byteCount
  }

  private mutating func list(_ name: String, _ fields: Data, at offset: UInt32) {
    directory.append(contentsOf: [0x50, 0x4B, 1, 2, 10, 0])
    directory.append(fields)
    directory.append(Data(count: 12))  // no extra field, no comment, no attributes
    directory.append(littleEndian: offset)
    directory.append(contentsOf: name.utf8)
    count += 1
  }

  /// Writes the central directory.
  func finish() throws {
    var end = Data([0x50, 0x4B, 5, 6, 0, 0, 0, 0])
    end.append(littleEndian: count)
    end.append(littleEndian: count)
    end.append(littleEndian: UInt32(directory.count))
    end.append(littleEndian: try Self.number(position))
    end.append(littleEndian: UInt16(0))
    try file.write(contentsOf: directory + end)
  }

  /// An extra field that PyTorch skips, of a length with which the content begins at a multiple of
  /// 64.
  private static func padding(upTo start: Int) -> Data {
    let length = (64 - (start + 4) % 64) % 64
    var field = Data("FB".utf8)
    field.append(littleEndian: UInt16(length))
    return field + Data(repeating: UInt8(ascii: "Z"), count: length)
  }

  private static func number(_ value: Int) throws(TorchProblem) -> UInt32 {
    guard let number = UInt32(exactly: value), number < .max else {
      throw TorchProblem(text: "it would be larger than 4 GiB, which is not written here")
    }
    return number
  }
}

/// The checksum of ZIP files.
enum CRC32 {
  /// The checksum of each single byte; polynomial 0xEDB88320.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in
      sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
    }
  }

  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      ~bytes.reduce(~UInt32(0)) { sum, byte in
        table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
      }
    }
  }
}
