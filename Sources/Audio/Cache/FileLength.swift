import Files
import Tensor

/// The true length of an audio file, as `MeasuredFile` determines it.
struct FileLength: Equatable {
  /// The number of frames that can be decoded.
  var frames: Int
  /// The file's own sample rate, Hz.
  var sampleRate: Int
  /// Whether seeking in it is exact.
  var seeks: Bool

  /// The length in seconds.
  var seconds: Double { Double(frames) / Double(sampleRate) }
}

extension FileLength {
  /// - Parameter claimed: The length according to a manifest; that of the file's header if nil.
  /// - Throws: `AudioError` if the part that is decoded is damaged.
  init(of path: String, claimed: Int?) throws(AudioError) {
    let file = try AudioFile(path)
    let measured = try MeasuredFile(file, claimed: claimed ?? file.frames) {
      (file) throws(AudioError) in try file.check(minimumSeconds: 0)
    }
    self.init(frames: measured.length, sampleRate: file.sampleRate, seeks: measured.seeks)
  }

  fileprivate var record: [String] { ["\(frames)", "\(sampleRate)", seeks ? "seeks" : ""] }

  fileprivate init?(_ fields: [Substring]) {
    guard let frames = Int(fields[0]), let rate = Int(fields[1]), rate > 0 else { return nil }
    self.init(frames: frames, sampleRate: rate, seeks: fields[2] == "seeks")
  }
}

extension AudioCache {
  /// The lengths of files of these contents; a file is opened only if its length is not known.
  ///
  /// - Parameters:
  ///   - contents: Their contents.
  ///   - paths: Their full paths.
  ///   - progress: Called after each file that is opened.
  /// - Throws: `FileError` if the cache cannot be read or written.
  func lengths(
    of contents: [Result<FileContent, AudioError>], _ paths: [String], progress: ProgressHandler?
  ) throws -> [Result<FileLength, AudioError>] {
    var known: [UInt64: FileLength] = [:]
    for fields in try lengths.records(fields: 4) {
      guard let hash = UInt64(fields[0], radix: 16) else { continue }
      known[hash] = FileLength(Array(fields.dropFirst()))
    }
    let missing = contents.indices.filter { number in
      (try? contents[number].get()).map { known[$0.hash] == nil } ?? false
    }
    let measured = try Cores.map(missing.count, progress: progress) { number in
      let path = paths[missing[number]]
      let length = Result { () throws(AudioError) in try FileLength(of: path, claimed: nil) }
      if case (.success(let content), .success(let length)) = (contents[missing[number]], length) {
        try lengths.append([String(content.hash, radix: 16)] + length.record)
      }
      return length
    }
    let new = Dictionary(uniqueKeysWithValues: zip(missing, measured))
    return contents.indices.map { number in
      new[number] ?? contents[number].map { known[$0.hash]! }
    }
  }
}
