import Files
import Foundation
import Tensor

/// The folder of a cache that holds the samples at one rate, by the content hash of the encoded file.
struct DecodedStore: Sendable {
  let folder: URL
  private var log: RecordLog { RecordLog(at: folder.appendingPathComponent("decoded.log")) }

  /// - Throws: `FileError` if the folder cannot be made.
  init(_ folder: URL) throws(FileError) {
    self.folder = folder
    try AtomicFolder.make(folder)
  }

  /// Where the samples of a content lie.
  func url(of hash: UInt64) -> URL {
    let digits = String(hash, radix: 16)
    let name = String(repeating: "0", count: 16 - digits.count) + digits
    return folder.appendingPathComponent("\(name.prefix(2))/\(name).f32", isDirectory: false)
  }

  /// What brings files of these contents to mean 0 and variance 1, for sources that decode by crop.
  var scales: RecordLog { RecordLog(at: folder.appendingPathComponent("scales.log")) }

  /// The outcomes of these contents whose samples are there: as long as stored, and with the stored time of change or
  /// the stored hash.
  /// - Throws: `FileError` if the log cannot be read or written.
  func outcomes(of contents: Set<UInt64>) throws -> [UInt64: DecodingOutcome] {
    let stored = try self.stored().filter { contents.contains($0.key) }
    let all = Array(stored)
    let checked = Cores.map(all.count) { check(all[$0].value, at: url(of: all[$0].key)) }
    var outcomes: [UInt64: DecodingOutcome] = [:]
    for ((hash, former), outcome) in zip(all, checked) {
      guard let outcome else { continue }
      outcomes[hash] = outcome
      if outcome != former { try note(outcome, of: hash) }
    }
    return outcomes
  }

  private func stored() throws(FileError) -> [UInt64: DecodingOutcome] {
    var outcomes: [UInt64: DecodingOutcome] = [:]
    for fields in try log.records(fields: DecodingOutcome.fieldCount + 1) {
      guard let hash = UInt64(fields[0], radix: 16) else { continue }
      outcomes[hash] = DecodingOutcome(Array(fields.dropFirst()))
    }
    return outcomes
  }

  /// The outcome with the present time of change; nil if the samples are missing or damaged.
  private func check(_ outcome: DecodingOutcome, at url: URL) -> DecodingOutcome? {
    guard case .decoded(var samples) = outcome else { return outcome }
    guard let stamp = FileStamp(of: url.path), stamp.bytes == samples.stamp.bytes else {
      return nil
    }
    guard stamp != samples.stamp else { return outcome }
    guard (try? ContentHash.ofFile(at: url.path)) == samples.hash else { return nil }
    samples.stamp = stamp
    return .decoded(samples)
  }

  /// Keeps the outcome of a content.
  /// - Throws: `FileError` if the log cannot be written.
  private func note(_ outcome: DecodingOutcome, of hash: UInt64) throws(FileError) {
    try log.append([String(hash, radix: 16)] + outcome.record)
  }
}

// MARK: - Decoding

extension DecodedStore {
  /// Decodes files on all cores, one on each, and keeps the outcomes.
  ///
  /// - Parameters:
  ///   - files: A file of each content, with its stamp when the content was read.
  ///   - progress: Called after each file.
  /// - Returns: The errors of files that could not be read, which says nothing of their content.
  /// - Throws: `FileError` if samples cannot be written.
  func decode(
    _ files: [UInt64: (path: String, stamp: FileStamp)], sampleRate: Int, by resampler: Resampler,
    progress: ProgressHandler?
  ) throws -> [UInt64: AudioError] {
    // In the order of the paths, which lets the members of an archive come one after the other.
    let all = files.sorted { $0.value.path < $1.value.path }
    let errors = try Cores.map(all.count, progress: progress) { number in
      let (hash, file) = all[number]
      do {
        let outcome = try decode(file.path, to: url(of: hash), at: sampleRate, by: resampler)
        // Samples of another content must not be kept under this hash.
        guard FileStamp(ofAudio: file.path) == file.stamp else {
          throw AudioError.unreadable(path: file.path, reason: "it changed while it was read")
        }
        try note(outcome, of: hash)
        return (hash, AudioError?.none)
      } catch let error as AudioError {
        return (hash, error)
      }
    }
    return Dictionary(
      uniqueKeysWithValues: errors.compactMap { hash, error in
        error.map { (hash, $0) }
      })
  }

  private func decode(
    _ path: String, to url: URL, at rate: Int, by resampler: Resampler
  ) throws -> DecodingOutcome {
    try AtomicFolder.make(url.deletingLastPathComponent())
    do {
      let file = try AudioFile(path)
      var samples = DecodedSamples(of: file, sampleRate: rate)
      try AtomicFile.write(to: url) { try samples.decode(file, by: resampler, into: $0) }
      guard let stamp = FileStamp(of: url.path) else { throw FileError.writing(url.path) }
      samples.stamp = stamp
      return .decoded(samples)
    } catch let error as AudioError where error.isOfContent {
      return .unusable(reason: error.reason)
    }
  }

  /// Runs `body` while no other process decodes into this folder; waits for one that does.
  /// - Throws: `FileError`, or what `body` throws.
  func locked<R>(_ body: () throws -> R) throws -> R {
    while true {
      if let lock = try freeLock() {
        return try withExtendedLifetime(lock) {
          if !lock.isMissing { try removeUnfinished() }
          return try body()
        }
      }
      Thread.sleep(forTimeInterval: 0.5)
    }
  }

  private func freeLock() throws(FileError) -> FolderLock? {
    do {
      return try FolderLock(folder)
    } catch {
      guard case .busy = error else { throw error }
      return nil
    }
  }

  /// Removes what killed processes left.
  private func removeUnfinished() throws(FileError) {
    for name in try Presence.names(in: folder) ?? [] where name.utf8.count == 2 {
      try AtomicFile.removeUnfinished([""], in: folder.appendingPathComponent(name))
    }
  }
}

extension AudioError {
  /// Whether another copy of the file would have the same error.
  var isOfContent: Bool {
    switch self {
    case .missing, .unreadable, .scratch, .unwritable: false
    default: true
    }
  }
}
