import Foundation

/// The chunks of a wav or aiff header that tell how many frames were meant to follow.
///
/// libsndfile quietly shortens the frame count of such a file that was cut off, so that the loss
/// would go unseen; this reads the promise itself.
enum ChunkHeader {
  /// Frames by the header; nil if the file is neither plain RIFF nor aiff, is compressed, or was written
  /// to a pipe, when the length fields hold a placeholder.
  static func promisedFrames(path: String) -> Int? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let head = file.bytes(at: 0, count: 12) else { return nil }
    switch (head.text(at: 0), head.text(at: 8)) {
    case ("RIFF", "WAVE"): return wavFrames(of: file)
    case ("FORM", "AIFF"), ("FORM", "AIFC"): return aiffFrames(of: file)
    default: return nil
    }
  }

  private static func wavFrames(of file: FileHandle) -> Int? {
    let format = chunk("fmt ", of: file) { $0.littleEndian(at: 4, count: 4) }
    let data = chunk("data", of: file) { $0.littleEndian(at: 4, count: 4) }
    guard let format, let data, let fields = file.bytes(at: format.start, count: 16),
      isUncompressed(fields.littleEndian(at: 0, count: 2))
    else { return nil }
    let frameBytes = fields.littleEndian(at: 12, count: 2)
    let isPlaceholder = data.length == 0 || data.length >= 0x7FFF_F000
    return isPlaceholder || frameBytes == 0 ? nil : data.length / frameBytes
  }

  private static func aiffFrames(of file: FileHandle) -> Int? {
    let common = chunk("COMM", of: file) { $0.bigEndian(at: 4, count: 4) }
    guard let common, let fields = file.bytes(at: common.start, count: 6) else { return nil }
    let frames = fields.bigEndian(at: 2, count: 4)
    return frames == 0 || frames == 0xFFFF_FFFF ? nil : frames
  }

  /// PCM, float or extensible: one block is one frame.
  private static func isUncompressed(_ tag: Int) -> Bool { [1, 3, 6, 7, 0xFFFE].contains(tag) }

  /// Where the first chunk of a name starts after its head, and how long it is.
  private static func chunk(
    _ name: String, of file: FileHandle, length: (Data) -> Int
  ) -> (start: Int, length: Int)? {
    var offset = 12
    // A sound file has a few chunks; a hostile one may have a million empty ones.
    for _ in 0..<1000 {
      guard let head = file.bytes(at: offset, count: 8) else { return nil }
      let length = length(head)
      if head.text(at: 0) == name { return (offset + 8, length) }
      offset += 8 + length + length % 2
    }
    return nil
  }
}

extension FileHandle {
  /// Exactly `count` bytes, or nil.
  func bytes(at offset: Int, count: Int) -> Data? {
    do {
      try seek(toOffset: UInt64(offset))
      let data = try read(upToCount: count)
      return data?.count == count ? data : nil
    } catch { return nil }
  }
}

extension Data {
  /// Four characters.
  func text(at offset: Int) -> String {
    String(decoding: dropFirst(offset).prefix(4), as: UTF8.self)
  }

  func littleEndian(at offset: Int, count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(self[startIndex + offset + $1]) << (8 * $1) }
  }

  func bigEndian(at offset: Int, count: Int) -> Int {
    (0..<count).reduce(0) { $0 << 8 | Int(self[startIndex + offset + $1]) }
  }
}
