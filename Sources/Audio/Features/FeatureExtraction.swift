import Files
import Foundation
import HDF5
import Synchronization
import Tensor

/// Computes the features of a collection into a store, one file on each core.
///
/// A run that was stopped goes on where it was, and a finished store is brought up to date: what it
/// holds of unchanged files is kept. Files that are not fit to learn from are left out and named.
///
/// Memory holds five minutes of audio for each core, whatever the number and length of files. The disk holds everything twice
/// for a moment, as parts and as the store that they are joined to.
public struct FeatureExtraction: Sendable {
  /// What the store will hold.
  public let format: FeatureFormat
  private let frontEnd: any FrontEnd
  private let manifest: Manifest
  private let path: String

  /// What a run is about.
  public enum Event: Sendable {
    /// Some files of all are computed or known already.
    case computing(done: Int, total: Int)
    /// A file was left out, by its path in the manifest.
    case skipped(file: String, reason: String)
    /// Some files of all are in the store.
    case joining(done: Int, total: Int)
  }

  /// What a run did.
  public struct Summary: Sendable, Equatable {
    /// Files in the store.
    public var files = 0
    /// Those of them that were known before.
    public var kept = 0
    /// Files left out.
    public var skipped = 0
    /// Files that were in the store and are not in the manifest, or are no longer fit.
    public var dropped = 0
    /// Frames in the store.
    public var frames = 0
  }

  /// - Parameters:
  ///   - kind: The kind of feature.
  ///   - manifest: The collection.
  ///   - path: Where the store is or will be.
  ///   - sampleRate: Files are resampled to it, Hz.
  ///   - frameRate: Frames per second; the kind's own unless given.
  /// - Throws: `FeatureError` when the rates do not fit.
  public init(
    _ kind: FeatureKind, of manifest: Manifest, into path: String, sampleRate: Int,
    frameRate: Double? = nil
  ) throws(FeatureError) {
    frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    format = FeatureFormat(of: kind, by: frontEnd)
    (self.manifest, self.path) = (manifest, path)
  }

  /// Computes what is missing and writes the store.
  ///
  /// - Throws: `FeatureStoreError` when another store lies at the path, or a broken one;
  ///   `AudioError.nothingUsable` when no file is fit; `FileError`.
  public func run(watch: @escaping (Event) -> Void = { _ in }) throws -> Summary {
    try checkForRepeats()
    let earlier = try earlierStore()
    let parts = try FeatureParts(for: path, format: format)
    let outcomes = try compute(earlier, parts, watch)
    let known = zip(manifest.entries, outcomes).filter { !$1.isSkipped }.map { ($0.path, $1) }
    let skipped = zip(manifest.entries, outcomes).compactMap { entry, outcome in
      outcome.reason.map { Manifest.Skipped(path: entry.path, reason: $0) }
    }
    for file in skipped { watch(.skipped(file: file.path, reason: file.reason)) }
    guard !known.isEmpty else {
      parts.remove()
      throw AudioError.nothingUsable(path: manifest.root, skipped: skipped)
    }
    let names = Set(known.map { Array($0.0.utf8) })
    return Summary(
      files: known.count, kept: known.count { !$0.1.isNew }, skipped: skipped.count,
      dropped: earlier?.files.count { !names.contains(Array($0.name.utf8)) } ?? 0,
      frames: try join(known, earlier, parts, watch))
  }

  private func checkForRepeats() throws(FeatureStoreError) {
    var names: Set<[UInt8]> = []
    for entry in manifest.entries where !names.insert(Array(entry.path.utf8)).inserted {
      throw .duplicate(path: path, file: entry.path)
    }
  }

  private func earlierStore() throws -> FeatureStore? {
    guard try Presence.kind(of: path) != nil else { return nil }
    let store = try FeatureStore(at: path)
    try store.check(format)
    return store
  }
}

// MARK: - Computing

extension FeatureExtraction {
  /// Where the features of a file are.
  private enum Outcome: Equatable {
    case inEarlierStore
    case inPart(isNew: Bool)
    case skipped(String)

    var isNew: Bool { self == .inPart(isNew: true) }
    var isSkipped: Bool { reason != nil }
    /// Why the file is left out.
    var reason: String? { if case .skipped(let reason) = self { reason } else { nil } }
  }

  /// After the first error that is not one file's own, nothing more is begun.
  private func compute(
    _ earlier: FeatureStore?, _ parts: FeatureParts, _ watch: @escaping (Event) -> Void
  ) throws -> [Outcome] {
    let failure = Mutex<(any Error)?>(nil)
    let outcomes = Cores.map(
      manifest.entries.count, progress: { watch(.computing(done: $0, total: $1)) }
    ) { number -> Outcome in
      guard failure.withLock({ $0 == nil }) else { return .skipped("") }
      do {
        return try outcome(of: manifest.entries[number], earlier, parts)
      } catch {
        failure.withLock { $0 = $0 ?? error }
        return .skipped("")
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return outcomes
  }

  private func outcome(
    of entry: Manifest.Entry, _ earlier: FeatureStore?, _ parts: FeatureParts
  ) throws -> Outcome {
    let (name, file) = (entry.path, manifest.path(of: entry))
    do {
      let hash = try ContentHash.ofFile(at: file)
      if let earlier, earlier.holds(name, audioHash: hash) { return .inEarlierStore }
      if parts.hold(name, audioHash: hash) { return .inPart(isNew: false) }
      try parts.write(name, audioHash: hash) { try frontEnd.forEachBlock(ofFile: file, $0) }
      return .inPart(isNew: true)
    } catch let error as AudioError {
      return .skipped(error.reason)
    } catch FileError.unsuitable(path: _, let reason) {
      return .skipped(reason)
    }
  }
}

// MARK: - Joining

extension FeatureExtraction {
  /// - Returns: How many frames the store has.
  private func join(
    _ known: [(name: String, outcome: Outcome)], _ earlier: FeatureStore?, _ parts: FeatureParts,
    _ watch: (Event) -> Void
  ) throws -> Int {
    if let earlier,
      earlier.files.map({ Array($0.name.utf8) }) == known.map({ Array($0.name.utf8) }),
      known.allSatisfy({ $0.outcome == .inEarlierStore })
    {
      parts.remove()
      return earlier.frames
    }
    let writer = try FeatureStoreWriter(
      at: path, format: format, partialPath: parts.unfinishedStore)
    for (number, (name, outcome)) in known.enumerated() {
      let kept = outcome == .inEarlierStore ? earlier : nil
      let store = try kept ?? parts.store(of: name)
      let file = try store.file(named: name)
      try writer.append(name, audioHash: file.audioHash) { add in
        try store.forEachBlock(of: name, add)
        return file.samples
      }
      watch(.joining(done: number + 1, total: known.count))
    }
    try writer.finish()
    parts.remove()
    return writer.frames
  }
}
