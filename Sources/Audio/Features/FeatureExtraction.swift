import Files
import HDF5
import Synchronization
import Tensor

/// Computes the features of a collection into a store, one file on each core.
///
/// An interrupted run continues where it stopped. A finished store is updated: the features of
/// unchanged files are kept. Files that cannot be used for training are left out and reported.
///
/// A run holds five minutes of audio in memory for each core, whatever the number and length of the
/// files. For a moment the disk holds all features twice: as parts, and as the store into which
/// they are joined.
public struct FeatureExtraction: Sendable {
  /// The kind and rate of the features in the store.
  public let format: FeatureFormat
  private let frontEnd: any FrontEnd
  private let manifest: Manifest
  private let path: String

  /// The progress of a run.
  public enum Event: Sendable {
    /// `done` files of `total` are computed or were computed before.
    case computing(done: Int, total: Int)
    /// A file was left out; `file` is its path in the manifest.
    case skipped(file: String, reason: String)
    /// `done` files of `total` are in the store.
    case joining(done: Int, total: Int)
  }

  /// The outcome of a run.
  public struct Summary: Sendable, Equatable {
    /// The number of files in the store.
    public var files = 0
    /// The number of files in the store whose features were computed before.
    public var kept = 0
    /// The number of files that were left out.
    public var skipped = 0
    /// The number of files that the former store held and that are no longer in the manifest, or no
    /// longer usable.
    public var dropped = 0
    /// The number of frames in the store.
    public var frames = 0
  }

  /// - Parameters:
  ///   - kind: The kind of feature.
  ///   - manifest: The collection.
  ///   - path: The path of the store, which may exist.
  ///   - sampleRate: The sample rate to which files are resampled, Hz.
  ///   - frameRate: Frames per second; the default of the kind if nil.
  /// - Throws: `FeatureError` if the rates do not fit.
  public init(
    _ kind: FeatureKind, of manifest: Manifest, into path: String, sampleRate: Int,
    frameRate: Double? = nil
  ) throws(FeatureError) {
    frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    format = FeatureFormat(of: kind, by: frontEnd)
    (self.manifest, self.path) = (manifest, path)
  }

  /// Computes the missing features and writes the store.
  ///
  /// - Throws: `FeatureStoreError` if the path holds a store of another format or a broken one;
  ///   `AudioError.nothingUsable` if no file can be used; `FileError`.
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
  /// The place of a file's features.
  private enum Outcome: Equatable {
    case inEarlierStore
    case inPart(isNew: Bool)
    case skipped(String)

    var isNew: Bool { self == .inPart(isNew: true) }
    var isSkipped: Bool { reason != nil }
    /// The reason why the file is left out.
    var reason: String? { if case .skipped(let reason) = self { reason } else { nil } }
  }

  /// After the first error that does not concern a single file, no further file is started.
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
  /// - Returns: The number of frames of the store.
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
