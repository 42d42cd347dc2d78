import Files

extension ContentHash {
  /// The hash of a file's bytes, read one megabyte at a time.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public static func ofFile(at path: String) throws -> UInt64 {
    do {
      return try ContentHash(ofAudio: path).value
    } catch {
      throw FileError.unsuitable(path: path, reason: error.reason)
    }
  }

  /// Adds the bytes of a file to no others.
  /// - Throws: `AudioError.missing` or `.unreadable`.
  init(ofAudio path: String) throws(AudioError) {
    self.init()
    let file = try OpenFile(path)
    for offset in stride(from: 0, to: file.count, by: 1 << 20) {
      update(try file.bytes(at: offset, count: 1 << 20))
    }
  }
}

extension FileStamp {
  /// The stamp of an audio file, that of the archive for a member of one; nil if its status cannot be read.
  package init?(ofAudio path: String) {
    self.init(ofName: FileName.systemPath(FilePlace.split(path)?.archive ?? path))
  }
}
