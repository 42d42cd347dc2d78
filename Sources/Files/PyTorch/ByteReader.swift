import Foundation

/// An error in a PyTorch file, without the file's name.
struct TorchProblem: Error { var text: String }

/// Reads little-endian bytes from front to back; reading past the end is an error.
struct ByteReader {
  /// The bytes, indexed from 0.
  let bytes: Data
  /// The index of the next byte.
  private(set) var position: Int

  init(_ bytes: Data, at position: Int = 0) throws(TorchProblem) {
    guard (0...bytes.count).contains(position) else {
      throw TorchProblem(text: "it points to byte \(position) of its \(bytes.count)")
    }
    (self.bytes, self.position) = (bytes, position)
  }

  mutating func byte() throws(TorchProblem) -> UInt8 {
    let place = try skip(1)
    return bytes[place]
  }

  /// An unsigned integer of `count` bytes.
  mutating func integer(bytes count: Int) throws(TorchProblem) -> Int {
    let place = try skip(count)
    var value: UInt64 = 0
    for i in 0..<count { value |= UInt64(bytes[place + i]) << (8 * UInt64(i)) }
    guard let integer = Int(exactly: value) else {
      throw TorchProblem(text: "it holds the impossible length \(value)")
    }
    return integer
  }

  mutating func data(_ count: Int) throws(TorchProblem) -> Data {
    let place = try skip(count)
    return bytes.subdata(in: place..<place + count)
  }

  mutating func text(_ count: Int) throws(TorchProblem) -> String {
    let place = try skip(count)
    guard let text = String(validating: bytes[place..<place + count], as: UTF8.self) else {
      throw TorchProblem(text: "it holds text that is not UTF-8")
    }
    return text
  }

  /// Text up to a line feed, at most 1024 bytes.
  mutating func line() throws(TorchProblem) -> String {
    let end = min(bytes.count, position + 1024)
    guard let feed = bytes[position..<end].firstIndex(of: 0x0A) else {
      throw TorchProblem(text: "it holds a name without an end")
    }
    let line = try text(feed - position)
    _ = try skip(1)
    return line
  }

  /// Checks that `count` more bytes are left.
  func check(_ count: Int) throws(TorchProblem) {
    guard count >= 0, count <= bytes.count - position else {
      throw TorchProblem(text: "it ends in the middle, at byte \(bytes.count)")
    }
  }

  /// Skips `count` bytes.
  /// - Returns: The index of the first of them.
  @discardableResult
  mutating func skip(_ count: Int) throws(TorchProblem) -> Int {
    try check(count)
    defer { position += count }
    return position
  }
}
