import Files

extension ContentHash {
  /// The hash of a file's bytes, read one megabyte at a time.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public static func ofFile(at path: String) throws -> UInt64 {
    var hash = ContentHash()
    do {
      let file = try OpenFile(path)
      for offset in stride(from: 0, to: file.count, by: 1 << 20) {
        hash.update(try file.bytes(at: offset, count: 1 << 20))
      }
    } catch {
      throw FileError.unsuitable(path: path, reason: error.reason)
    }
    return hash.value
  }
}
