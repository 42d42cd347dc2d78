import CHDF5
import Files
import HDF5
import Tensor

/// The features of a collection of audio files, in one HDF5 file.
///
/// Layout: attributes `format`, `version`, `kind`, `sample_rate` (Hz), `hop` (samples), `creator`;
/// table `features` `[all frames, width]` of float32 with the files one after the other; the tables
/// of `StoreIndex`, which give the end of each file's frames and the hash of its audio. Every chunk
/// carries a checksum, so a damaged store is an error and never gives wrong numbers.
///
/// May be used from several threads; calls to HDF5 run one at a time.
public final class FeatureStore: FeatureSource {
  /// The version of the format that is read and written.
  public static let version = 1
  static let formatName = "etude features"

  /// The path of the store.
  public let path: String
  /// The kind and rate of the features.
  public let format: FeatureFormat
  /// The program and version that wrote it.
  public let creator: String
  private let index: StoreIndex
  private let table: HDF5Table

  /// Opens a store and reads its index; features are read on request.
  ///
  /// - Throws: `FeatureStoreError.missing`, `.wrongVersion`, `.empty` or `.damaged`.
  public init(at path: String) throws {
    guard let byteCount = try HDF5.byteCount(of: path) else {
      throw FeatureStoreError.missing(path: path)
    }
    self.path = path
    (format, creator, index, table) = try Self.run(path) {
      let file = try HDF5Handle.file(at: path)
      try Self.checkVersion(of: file, at: path)
      return try Self.content(of: file, at: path, byteCount: byteCount)
    }
  }

  /// The files, in the manifest's order.
  public var files: [StoredFile] { index.files }

  /// The number of frames of all files.
  public var frames: Int { index.frames }

  /// The index entry of a file.
  ///
  /// - Throws: `FeatureStoreError.unknownFile`.
  public func file(named name: String) throws(FeatureStoreError) -> StoredFile {
    guard let file = index[name] else { throw .unknownFile(path: path, file: name) }
    return file
  }

  /// Whether the store holds the features of `name`, computed from audio with this hash.
  public func holds(_ name: String, audioHash: UInt64) -> Bool {
    index[name]?.audioHash == audioHash
  }
}

// MARK: - Features

extension FeatureStore {
  /// The number of frames of a file.
  ///
  /// - Throws: `FeatureStoreError.unknownFile`.
  public func frames(of name: String) throws -> Int { try file(named: name).frames }

  /// A range of frames of a file, float32 `[frames, width]`.
  ///
  /// - Traps when: `frames` is not within the file.
  /// - Throws: `FeatureStoreError.unknownFile`, `.damaged` if a checksum is wrong, `.notFinite`.
  public func features(of name: String, frames: Range<Int>) throws -> Tensor {
    let file = try file(named: name)
    precondition(
      0 <= frames.lowerBound && frames.upperBound <= file.frames,
      "FeatureStore: frames \(frames) of '\(name)', which has \(file.frames)")
    let first = file.range.lowerBound
    let rows = first + frames.lowerBound..<first + frames.upperBound
    let features = try Self.run(path) {
      try Tensor(shape: [rows.count, format.width]) {
        (values: UnsafeMutableBufferPointer<Float>) in
        guard let base = values.baseAddress else { return }
        try table.read(rows, across: format.width, type: chdf5_float(), into: base)
      }
    }
    if let element = features.nonFiniteElement {
      throw FeatureStoreError.notFinite(path: path, file: name, element: element)
    }
    return features
  }

  /// Checks that the store holds features of the kind and rate `wanted`.
  ///
  /// - Throws: `FeatureStoreError.wrongFormat`.
  public func check(_ wanted: FeatureFormat) throws(FeatureStoreError) {
    guard format == wanted else {
      throw .wrongFormat(path: path, stored: format, wanted: wanted)
    }
  }

  /// Checks that the store holds every file of a manifest, computed from the present audio. Reads
  /// all audio files, on all cores.
  ///
  /// - Throws: `FeatureStoreError.unknownFile` or `.changedAudio`; `FileError`.
  public func check(_ manifest: Manifest) throws {
    let checks = Cores.map(manifest.entries.count) { number in
      Result { try check(manifest.entries[number], of: manifest) }
    }
    for check in checks { try check.get() }
  }

  private func check(_ entry: Manifest.Entry, of manifest: Manifest) throws {
    let file = try file(named: entry.path)
    guard try ContentHash.ofFile(at: manifest.path(of: entry)) == file.audioHash else {
      throw FeatureStoreError.changedAudio(path: path, file: entry.path)
    }
  }
}

// MARK: - Reading

extension FeatureStore {
  private static func checkVersion(of file: HDF5Handle, at path: String) throws {
    guard let format = try? file.text("format"), format == formatName else {
      throw HDF5.Failure(what: "is an HDF5 file, but not a feature store")
    }
    let found = try file.number("version")
    guard found == version else { throw FeatureStoreError.wrongVersion(path: path, found: found) }
  }

  private static func content(
    of file: HDF5Handle, at path: String, byteCount: Int
  ) throws -> (FeatureFormat, String, StoreIndex, HDF5Table) {
    let index = try StoreIndex(of: file, byteCount: byteCount)
    guard !index.files.isEmpty else { throw FeatureStoreError.empty(path: path) }
    let table = try HDF5Table("features", in: file, growing: .rows, of: H5T_FLOAT)
    let extent = try table.extent(elementBytes: 4, inFileOf: byteCount)
    guard extent.along == index.frames, extent.across > 0 else {
      throw HDF5.Failure(what: "its tables do not fit each other")
    }
    let format = try format(of: file, width: extent.across)
    return (format, try file.text("creator"), index, table)
  }

  private static func format(of file: HDF5Handle, width: Int) throws -> FeatureFormat {
    let name = try file.text("kind")
    guard let kind = FeatureKind(rawValue: name) else {
      throw HDF5.Failure(what: "holds features of the unknown kind '\(name)'")
    }
    let (sampleRate, hop) = (try file.number("sample_rate"), try file.number("hop"))
    guard sampleRate > 0, hop > 0 else {
      throw HDF5.Failure(what: "its sample rate or hop is not positive")
    }
    return FeatureFormat(kind: kind, sampleRate: sampleRate, hopLength: hop, width: width)
  }

  /// Runs HDF5 calls; their failures mean that the file is damaged.
  private static func run<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try HDF5.run(body)
    } catch let failure as HDF5.Failure {
      throw FeatureStoreError.damaged(path: path, reason: failure.what)
    }
  }
}
