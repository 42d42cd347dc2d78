/// The bytes that a decoder reads: ranges of the file, and corrections of its header.
struct SoundBytes: Sendable, Equatable {
  /// A range of the file, or bytes that replace it.
  private enum Piece: Sendable, Equatable {
    case file(Range<Int>)
    case bytes([UInt8])

    var count: Int {
      switch self {
      case .file(let range): range.count
      case .bytes(let bytes): bytes.count
      }
    }
  }

  private var pieces: [Piece] = []
  /// The offsets of the pieces.
  private var starts: [Int] = []
  /// The total number of bytes.
  private(set) var count = 0

  /// The given ranges of the file, one after the other.
  init(_ ranges: [Range<Int>]) {
    for range in ranges { append(.file(range)) }
  }

  private mutating func append(_ piece: Piece) {
    guard piece.count > 0 else { return }
    pieces.append(piece)
    starts.append(count)
    count += piece.count
  }

  /// These bytes with `bytes` instead of those from `offset` on.
  func replacing(at offset: Int, with bytes: [UInt8]) -> SoundBytes {
    var result = self[0..<offset]
    result.append(.bytes(bytes))
    for piece in self[offset + bytes.count..<count].pieces { result.append(piece) }
    return result
  }

  /// These bytes with `bytes` inserted at `offset`.
  func inserting(_ bytes: [UInt8], at offset: Int) -> SoundBytes {
    var result = self[0..<offset]
    result.append(.bytes(bytes))
    for piece in self[offset..<count].pieces { result.append(piece) }
    return result
  }

  /// Parts of these bytes, one after the other.
  subscript(ranges: [Range<Int>]) -> SoundBytes {
    var result = SoundBytes([])
    for piece in ranges.flatMap({ self[$0].pieces }) { result.append(piece) }
    return result
  }

  /// A part of these bytes.
  subscript(range: Range<Int>) -> SoundBytes {
    var result = SoundBytes([])
    for (piece, start) in zip(pieces, starts) {
      let part = range.clamped(to: start..<start + piece.count)
      guard !part.isEmpty else { continue }
      let (lower, upper) = (part.lowerBound - start, part.upperBound - start)
      switch piece {
      case .file(let range):
        result.append(.file(range.lowerBound + lower..<range.lowerBound + upper))
      case .bytes(let bytes): result.append(.bytes(Array(bytes[lower..<upper])))
      }
    }
    return result
  }

  /// Fills `buffer` from `offset` on.
  /// - Returns: The number of bytes read.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int, of file: OpenFile
  ) -> Int {
    var done = 0
    var index = firstPiece(at: offset)
    while done < buffer.count, index < pieces.count {
      let skipped = offset + done - starts[index]
      let wanted = min(buffer.count - done, pieces[index].count - skipped)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + wanted])
      switch pieces[index] {
      case .file(let range):
        let count = file.read(into: part, at: range.lowerBound + skipped)
        if count < wanted { return done + count }
      case .bytes(let bytes): part.copyBytes(from: bytes[skipped..<skipped + wanted])
      }
      done += wanted
      index += 1
    }
    return done
  }

  /// The index of the piece that holds `offset`, by binary search.
  private func firstPiece(at offset: Int) -> Int {
    guard offset >= 0, offset < count else { return pieces.count }
    var (low, high) = (0, pieces.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Up to `count` bytes from `offset` on.
  func bytes(at offset: Int, count: Int, of file: OpenFile) -> [UInt8] {
    guard offset >= 0, offset < self.count, count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: min(count, self.count - offset)) { buffer, done in
      let room = UnsafeMutableRawBufferPointer(buffer)[..<min(count, self.count - offset)]
      done = read(into: UnsafeMutableRawBufferPointer(rebasing: room), at: offset, of: file)
    }
  }
}

extension Collection where Element == UInt8, Index == Int {
  /// The little-endian number in `count` bytes from `offset` on; nil past the end.
  func littleEndian(at offset: Int, count: Int) -> Int? {
    guard offset >= 0, offset + count <= self.count else { return nil }
    return (0..<count).reduce(0) { $0 | Int(self[startIndex + offset + $1]) << (8 * $1) }
  }

  /// The big-endian number in `count` bytes from `offset` on; nil past the end.
  func bigEndian(at offset: Int, count: Int) -> Int? {
    guard offset >= 0, offset + count <= self.count else { return nil }
    return (0..<count).reduce(0) { $0 << 8 | Int(self[startIndex + offset + $1]) }
  }

  /// Whether the bytes at `offset` equal `text`.
  func holds(_ text: StaticString, at offset: Int = 0) -> Bool {
    let length = text.utf8CodeUnitCount
    guard offset >= 0, offset + length <= count else { return false }
    return (0..<length).allSatisfy { self[startIndex + offset + $0] == text.utf8Start[$0] }
  }
}
