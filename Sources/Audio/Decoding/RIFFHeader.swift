import Foundation

/// The two chunks of a wav header that tell how many frames were meant to follow.
///
/// libsndfile quietly shortens the frame count of a wav file that was cut off, so that the loss
/// would go unseen; this reads the promise itself.
enum RIFFHeader {
  /// Frames by the `data` chunk's length; nil if the file is no plain RIFF wav, or was written to a
  /// pipe, whose length fields hold a placeholder.
  static func promisedFrames(path: String) throws(AudioError) -> Int? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let head = bytes(of: file, at: 0, count: 12), head.prefix(4) == Data("RIFF".utf8),
      head.suffix(4) == Data("WAVE".utf8)
    else { return nil }
    return dataFrames(of: file)
  }

  private static func dataFrames(of file: FileHandle) -> Int? {
    var offset = 12
    var frameBytes = 0
    while let chunk = bytes(of: file, at: offset, count: 8) {
      let length = chunk.littleEndian(at: 4, count: 4)
      switch String(decoding: chunk.prefix(4), as: UTF8.self) {
      case "fmt ":
        guard let format = bytes(of: file, at: offset + 8, count: 16) else { return nil }
        guard isUncompressed(format.littleEndian(at: 0, count: 2)) else { return nil }
        frameBytes = format.littleEndian(at: 12, count: 2)
      case "data":
        let isPlaceholder = length == 0 || length >= 0x7FFF_F000
        return isPlaceholder || frameBytes == 0 ? nil : length / frameBytes
      default: break
      }
      offset += 8 + length + length % 2
    }
    return nil
  }

  /// PCM, float or extensible: one block is one frame.
  private static func isUncompressed(_ tag: Int) -> Bool { [1, 3, 6, 7, 0xFFFE].contains(tag) }

  private static func bytes(of file: FileHandle, at offset: Int, count: Int) -> Data? {
    do {
      try file.seek(toOffset: UInt64(offset))
      let data = try file.read(upToCount: count)
      return data?.count == count ? data : nil
    } catch { return nil }
  }
}

extension Data {
  fileprivate func littleEndian(at offset: Int, count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(self[startIndex + offset + $1]) << (8 * $1) }
  }
}
