import CHDF5
import Files
import HDF5
import Settings
import Tensor

/// Writes a feature store file by file, under a temporary name until it is finished.
///
/// Features go to disk immediately; only names, lengths and hashes stay in memory until the end. A
/// writer that is released unfinished removes its file. Not thread-safe.
public final class FeatureStoreWriter {
  /// The path of the finished store.
  public let path: String
  private let format: FeatureFormat
  private let file: PartialFile
  private let table: HDF5Table
  private var index = StoreIndex()

  /// The number of frames so far.
  public var frames: Int { index.frames }

  /// Starts a store; a finished one at `path` stays until `finish()` replaces it.
  ///
  /// - Throws: `FileError`.
  public convenience init(at path: String, format: FeatureFormat) throws {
    try self.init(at: path, format: format, partialPath: nil)
  }

  /// - Parameter partialPath: The path of the unfinished store, on the same disk; beside `path` if
  ///   nil.
  init(at path: String, format: FeatureFormat, partialPath: String?) throws {
    (self.path, self.format) = (path, format)
    file = try PartialFile(for: path, at: partialPath)
    table = try file.write { file in
      try Self.write(format, to: file)
      return try HDF5Table(
        new: "features", in: file, growing: .rows, across: format.width,
        stored: chdf5_stored_float(), chunk: HDF5Table.chunkRows(width: format.width))
    }
  }

  /// Adds the features of one audio file.
  ///
  /// - Traps when: `features` is not float32 `[frames, width]` with at least one frame, or `name`
  ///   is empty.
  /// - Parameters:
  ///   - name: The path in the manifest, relative to its root.
  ///   - features: `[frames, width]`.
  ///   - samples: The length of the file at the store's sample rate.
  ///   - audioHash: `ContentHash.ofFile`.
  /// - Throws: `FeatureStoreError.duplicate` or `.notFinite`; `FileError`.
  public func append(_ name: String, features: Tensor, samples: Int, audioHash: UInt64) throws {
    try append(name, audioHash: audioHash) { add in
      try add(features)
      return samples
    }
  }

  /// Adds the features of one audio file block by block. If `body` throws, its blocks are removed
  /// again.
  ///
  /// - Parameters:
  ///   - name: The path in the manifest, relative to its root.
  ///   - audioHash: The hash of the audio file's bytes.
  ///   - body: Passes the blocks to `add` and returns the length of the file in samples.
  /// - Throws: As `append(_:features:samples:audioHash:)`, or the errors of `body`.
  /// - Traps when: `body` adds no block.
  public func append(
    _ name: String, audioHash: UInt64, _ body: (_ add: (Tensor) throws -> Void) throws -> Int
  ) throws {
    precondition(!name.isEmpty, "FeatureStore: a file needs a name")
    guard index[name] == nil else { throw FeatureStoreError.duplicate(path: path, file: name) }
    var frames = 0
    do {
      let samples = try body { features in
        try write(features, of: name)
        frames += features.shape[0]
      }
      precondition(frames > 0, "FeatureStore: '\(name)' came without frames")
      index.append(name, frames: frames, samples: samples, audioHash: audioHash)
    } catch {
      try file.write { _ in try table.cut(to: index.frames) }
      throw error
    }
  }

  private func write(_ features: Tensor, of name: String) throws {
    precondition(
      features.dtype == .float32 && features.rank == 2 && features.shape[1] == format.width
        && features.shape[0] > 0,
      "FeatureStore: '\(name)' needs float32 [frames, \(format.width)], got \(features.dtype) "
        + "\(features.shape)")
    if let element = features.nonFiniteElement {
      throw FeatureStoreError.notFinite(path: path, file: name, element: element)
    }
    try file.write { _ in
      try features.read {
        try table.append($0.baseAddress!, type: chdf5_float(), count: features.shape[0])
      }
    }
  }

  /// Writes the index, flushes the file to disk, and renames it to the store's path.
  ///
  /// - Throws: `FeatureStoreError.empty`; `FileError`.
  public func finish() throws {
    guard !index.files.isEmpty else { throw FeatureStoreError.empty(path: path) }
    try file.write { file in
      try index.write(to: file)
      try table.close()
    }
    try file.finish()
  }

  private static func write(_ format: FeatureFormat, to file: HDF5Handle) throws {
    try file.write(FeatureStore.formatName, as: "format")
    try file.write([FeatureStore.version], as: "version")
    try file.write(format.kind.rawValue, as: "kind")
    try file.write([format.sampleRate], as: "sample_rate")
    try file.write([format.hopLength], as: "hop")
    try file.write("etude \(etudeVersion)", as: "creator")
  }
}
