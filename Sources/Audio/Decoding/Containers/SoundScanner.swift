import Foundation

/// Reads the bytes of a file in blocks, for a sequential scan.
struct SoundScanner {
  private static let blockLength = 1 << 18

  let bytes: SoundBytes
  let file: OpenFile
  private var block: [UInt8] = []
  private var start = 0

  init(_ bytes: SoundBytes, of file: OpenFile) { (self.bytes, self.file) = (bytes, file) }

  /// Up to `count` bytes from `offset` on.
  mutating func bytes(at offset: Int, count: Int) -> ArraySlice<UInt8> {
    let end = min(bytes.count, offset + count)
    guard offset >= 0, offset < end else { return [] }
    if offset < start || end > start + block.count {
      start = offset
      block = bytes.bytes(at: offset, count: max(end - offset, Self.blockLength), of: file)
    }
    return block[min(block.count, offset - start)..<min(block.count, end - start)]
  }

  /// The next position of a text, from `offset` on.
  mutating func next(_ text: StaticString, from offset: Int) -> Int? {
    let length = text.utf8CodeUnitCount
    var offset = offset
    while offset + length <= bytes.count {
      let part = bytes(at: offset, count: Self.blockLength)
      guard part.count >= length else { return nil }
      let found = part.withUnsafeBytes { Self.first(text, in: $0) }
      if let found { return offset + found }
      offset += part.count - length + 1
    }
    return nil
  }

  private static func first(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
    let length = text.utf8CodeUnitCount
    var start = 0
    while start + length <= bytes.count,
      let place = memchr(
        bytes.baseAddress! + start, Int32(text.utf8Start[0]), bytes.count - length - start + 1)
    {
      if memcmp(place, text.utf8Start, length) == 0 {
        return UnsafeRawPointer(place) - bytes.baseAddress!
      }
      start = UnsafeRawPointer(place) - bytes.baseAddress! + 1
    }
    return nil
  }

  /// The next position of a byte, from `offset` on.
  mutating func next(_ byte: UInt8, from offset: Int) -> Int? {
    var offset = offset
    while offset < bytes.count {
      let part = bytes(at: offset, count: 1)
      guard !part.isEmpty else { return nil }
      let rest = block[(offset - start)...]
      let found = rest.withUnsafeBytes { rest in
        memchr(rest.baseAddress!, Int32(byte), rest.count).map {
          UnsafeRawPointer($0) - rest.baseAddress!
        }
      }
      if let found { return offset + found }
      offset += rest.count
    }
    return nil
  }
}
