import Files
import Foundation
import Tensor

/// All files of a manifest, decoded once to mono at one sample rate and kept in an `AudioCache`.
///
/// A crop has the bits of `DecodedAudio`. It costs opening the decoded file and copying its bytes. The file is read and
/// not mapped: a disk that fails then ends in an error with the file's name, where a mapping would end the process.
public struct CachedAudio: AudioSource {
  /// Samples per second of all files, Hz.
  public let sampleRate: Int
  /// The usable files, in the manifest's order: `path` as there, `samples` at `sampleRate`.
  public let files: [Manifest.Entry]
  /// The files that were left out, with the reasons. The caller should report them.
  public let skipped: [Manifest.Skipped]
  private let store: DecodedStore
  private let decoded: [CachedFile]

  /// Decodes what the cache does not hold yet.
  ///
  /// - Parameters:
  ///   - manifest: The files; their lengths are ignored.
  ///   - sampleRate: The rate of all samples, Hz.
  ///   - resampler: Resamples files of another rate.
  ///   - cache: Where decoded audio is kept; needs room for all samples.
  ///   - minimumSeconds: Shorter files are skipped.
  ///   - checking: Called after each file whose bytes are read, because they are new or have changed.
  ///   - decoding: Called after each file that is decoded.
  /// - Throws: `FileError` if the cache cannot be read or written; `AudioError.nothingUsable` if no file is left.
  public init(
    _ manifest: Manifest, sampleRate: Int, resampler: Resampler = .soxr, in cache: AudioCache,
    minimumSeconds: Double = 1, checking: ProgressHandler? = nil, decoding: ProgressHandler? = nil
  ) throws {
    precondition(sampleRate > 0, "CachedAudio: rate must be positive, got \(sampleRate) Hz")
    let paths = manifest.entries.map(manifest.path)
    let contents = try cache.contents(of: paths, progress: checking)
    store = try cache.store(sampleRate: sampleRate, resampler: resampler)
    let outcomes = try store.outcomes(
      of: contents, paths, sampleRate: sampleRate, by: resampler, progress: decoding)
    let survey = try Survey(manifest) { (number, path) throws(AudioError) in
      let content = try contents[number].get()
      let samples = try outcomes(content.hash)
      guard samples.seconds >= minimumSeconds else {
        throw .tooShort(path: path, seconds: samples.seconds, minimum: minimumSeconds)
      }
      return CachedFile(content: content, samples: samples)
    }
    self.sampleRate = sampleRate
    (decoded, skipped) = (survey.found.map(\.value), survey.skipped)
    files = survey.files(\.samples.count)
  }

  /// The duration of digital silence in all files, seconds.
  public var silentSeconds: Double? {
    Double(decoded.reduce(0) { $0 + $1.samples.silent }) / Double(sampleRate)
  }

  /// The content of one file as it was when it was decoded.
  public func content(of file: Int) -> FileContent? { decoded[file].content }

  /// What brings one file to mean 0 and variance 1.
  public func scale(of file: Int) -> AudioScale { decoded[file].samples.scale }

  /// Fills `buffer` with the samples of one file from `start` on.
  /// - Throws: `AudioError` if the decoded file can no longer be read.
  /// - Traps when: the range is not within the file.
  public func crop(
    file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) {
    checkRange(file: file, start: start, length: buffer.count)
    let samples = try OpenFile(store.url(of: decoded[file].content.hash).path)
    let bytes = UnsafeMutableRawBufferPointer(buffer)
    guard samples.read(into: bytes, at: 4 * start) == bytes.count else {
      try samples.check()
      throw .truncated(
        path: samples.path, decoded: samples.count / 4, promised: start + buffer.count)
    }
  }
}

/// A file of a collection in a cache.
private struct CachedFile: Sendable {
  var content: FileContent
  var samples: DecodedSamples
}

extension DecodedStore {
  /// The samples by content, after what is missing has been decoded.
  fileprivate func outcomes(
    of contents: [Result<FileContent, AudioError>], _ paths: [String], sampleRate: Int,
    by resampler: Resampler, progress: ProgressHandler?
  ) throws -> (UInt64) throws(AudioError) -> DecodedSamples {
    let pairs = zip(contents, paths).compactMap { content, path in
      (try? content.get()).map { ($0.hash, (path: path, stamp: $0.stamp)) }
    }
    let all = Dictionary(pairs) { first, _ in first }
    var outcomes = try outcomes(of: Set(all.keys))
    var errors: [UInt64: AudioError] = [:]
    if outcomes.count < all.count {
      // Another process may decode the same files: then it is waited for.
      (outcomes, errors) = try locked {
        let known = try self.outcomes(of: Set(all.keys))
        let missing = all.filter { known[$0.key] == nil }
        let errors = try decode(
          missing, sampleRate: sampleRate, by: resampler, progress: progress)
        return (try self.outcomes(of: Set(all.keys)), errors)
      }
    }
    return { [outcomes, errors] (hash) throws(AudioError) in
      switch outcomes[hash] {
      case .decoded(let samples): return samples
      case .unusable(let reason): throw .inconsistent(path: all[hash]!.path, reason: reason)
      case nil:
        throw errors[hash] ?? .unreadable(path: all[hash]!.path, reason: "it changed meanwhile")
      }
    }
  }
}
