import Foundation

/// The first frame of an mp3 file.
enum MPEGHeader {
  /// Whether the encoder left a tag with the number of frames. Without one the length is a guess, from the
  /// file's size and the first frame's bit rate.
  static func tellsLength(path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    // The tag follows the frame's four bytes of header and up to 32 of side information; an encoder may
    // fill up with zeros before the frame.
    guard let frame = file.bytes(at: audioStart(of: file), count: 200) else { return false }
    return ["Xing", "Info", "VBRI"].contains { frame.range(of: Data($0.utf8)) != nil }
  }

  /// Where the audio begins, past an ID3 tag with its title and pictures.
  private static func audioStart(of file: FileHandle) -> Int {
    guard let head = file.bytes(at: 0, count: 10), head.prefix(3) == Data("ID3".utf8) else {
      return 0
    }
    // Seven bits of each byte count.
    return 10 + head.suffix(4).reduce(0) { $0 << 7 | Int($1 & 0x7F) }
  }
}
