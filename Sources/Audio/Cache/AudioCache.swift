import Files
import Foundation
import Tensor

/// A folder of decoded audio that runs share: each file is decoded once for a sample rate and a resampler, whichever
/// run, stage or comparison needs it first.
///
/// Files are known by their content, so a collection may be moved, renamed, grown or cut, and two collections may hold
/// the same file. A file's content is read again only if its size or time of change differ.
///
/// In the folder: `files.log` (path, size and time of change → content hash), `lengths.log` (content hash → length),
/// and for each rate and resampler a folder such as `24000-soxr` with `decoded.log` (content hash → length, silence,
/// mean, deviation, hash of the samples) and the samples as little-endian float32 in `XX/HASH.f32`.
///
/// Several processes may use it at once. A file gets its name when it is complete, so that decoding which was killed
/// goes on with what is missing.
public struct AudioCache: Sendable {
  /// Its folder.
  public let folder: URL

  /// The cache in a folder, which is created if missing.
  /// - Throws: `FileError` if it cannot be created or is not a folder.
  public init(_ folder: URL) throws(FileError) {
    self.folder = folder
    try AtomicFolder.make(folder)
  }

  /// The place of samples at a rate.
  func store(sampleRate: Int, resampler: Resampler) throws(FileError) -> DecodedStore {
    try DecodedStore(folder.appendingPathComponent("\(sampleRate)-\(resampler.rawValue)"))
  }

  /// How long files are: content hash → length.
  var lengths: RecordLog { RecordLog(at: folder.appendingPathComponent("lengths.log")) }

  private var contents: RecordLog { RecordLog(at: folder.appendingPathComponent("files.log")) }
}

extension AudioCache {
  /// The content of files; a file is read only if it is new or has changed.
  ///
  /// - Parameters:
  ///   - paths: Their full paths.
  ///   - progress: Called after each file that is read.
  /// - Returns: The reason for a file that cannot be read.
  /// - Throws: `FileError` if the cache cannot be read or written.
  func contents(
    of paths: [String], progress: ProgressHandler?
  ) throws -> [Result<FileContent, AudioError>] {
    let known = try knownContents()
    let stamps = Cores.map(paths.count) { FileStamp(ofAudio: paths[$0]) }
    var results: [Result<FileContent, AudioError>?] = zip(paths, stamps).map { path, stamp in
      guard let stamp, let hash = known[FileKey(path, stamp)] else { return nil }
      return .success(FileContent(hash: hash, stamp: stamp))
    }
    let missing = results.indices.filter { results[$0] == nil }
    let read = try Cores.map(missing.count, progress: progress) { number in
      let path = paths[missing[number]]
      let content = Result { () throws(AudioError) in try FileContent(ofAudio: path) }
      if case .success(let content) = content { try note(content, of: path) }
      return content
    }
    for (number, result) in zip(missing, read) { results[number] = result }
    return results.map { $0! }
  }

  /// What identifies a file that did not change.
  private struct FileKey: Hashable {
    /// The hash of the path, which may hold any characters.
    var path: UInt64
    var stamp: FileStamp

    init(_ path: String, _ stamp: FileStamp) {
      var hash = ContentHash()
      hash.update(Array(path.utf8))
      (self.path, self.stamp) = (hash.value, stamp)
    }

    init?(_ fields: [Substring]) {
      guard let path = UInt64(fields[0], radix: 16), let bytes = Int(fields[1]),
        let changed = Int(fields[2])
      else { return nil }
      (self.path, stamp) = (path, FileStamp(bytes: bytes, changed: changed))
    }
  }

  private func knownContents() throws -> [FileKey: UInt64] {
    let records = try contents.records(fields: 4).compactMap { fields in
      FileKey(fields).flatMap { key in UInt64(fields[3], radix: 16).map { (key, $0) } }
    }
    return Dictionary(records) { $1 }
  }

  private func note(_ content: FileContent, of path: String) throws(FileError) {
    let key = FileKey(path, content.stamp)
    try contents.append([
      String(key.path, radix: 16), "\(content.stamp.bytes)", "\(content.stamp.changed)",
      String(content.hash, radix: 16),
    ])
  }
}

extension FileContent {
  /// Reads a file.
  /// - Throws: `AudioError` if it cannot be read, or changes meanwhile.
  init(ofAudio path: String) throws(AudioError) {
    let before = FileStamp(ofAudio: path)
    let hash = try ContentHash(ofAudio: path)
    guard let stamp = FileStamp(ofAudio: path), stamp == before else {
      throw .unreadable(path: path, reason: "it changed while it was read")
    }
    self.init(hash: hash.value, stamp: stamp)
  }
}
