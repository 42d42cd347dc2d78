import CHDF5
import Files
import HDF5
import Tensor

/// The labels that one teacher gave to a collection of audio files, in one HDF5 file.
///
/// Inside: attributes `format`, `version`, `teacher`, `sample_rate` (Hz), `hop` (samples),
/// `codebook_sizes`, `creator`; table `codes` `[codebooks, all frames]`, the files one after the
/// other; table `files` `[4, files]` with, per file, where its frames end in `codes`, where its
/// name ends in `names`, its length in samples and its content hash; table `names` `[1, bytes]`
/// in UTF-8; table `hashes` `[1, files]` with the hash of each file's codes, not in older stores. All pieces carry checksums, so a broken store is an error and not a wrong label.
///
/// Safe to use from several threads; calls to HDF5 wait for each other.
public final class LabelStore: Sendable {
  /// The version of the format that is read and written.
  public static let version = 1
  static let format = "etude labels"
  /// The name of the table of hashes.
  static let hashes = "hashes"

  /// Where the store lies.
  public let path: String
  /// The teacher, and what its labels mean.
  public let description: Description
  private let index: StoreIndex
  private let codes: HDF5Table
  /// The hash of each file's codes, in the order of the files; nil in a store that has none.
  private let hashes: [UInt64]?

  /// The description of a store's labels as a whole.
  public struct Description: Sendable, Equatable {
    /// The teacher, in words that change when the teacher does; at most 1 MiB, without NUL.
    public var teacher: String
    /// Sample rate and hop.
    public var rate: LabelRate
    /// The number of codes of each codebook; one label set per codebook.
    public var codebookSizes: [Int]
    /// The program and version that wrote the store.
    public var creator: String

    /// The description of a store's labels.
    ///
    /// Traps when a codebook has fewer than two codes, or `teacher` is longer than 1 MiB or holds
    /// NUL.
    public init(teacher: String, rate: LabelRate, codebookSizes: [Int], creator: String) {
      precondition(
        !codebookSizes.isEmpty && codebookSizes.allSatisfy { (2...Int(Int32.max)).contains($0) },
        "LabelStore: a codebook has at least 2 codes, got sizes \(codebookSizes)")
      precondition(
        teacher.utf8.count <= 1 << 20 && !teacher.utf8.contains(0),
        "LabelStore: a teacher's description has at most 1 MiB and no NUL")
      self.teacher = teacher
      self.rate = rate
      self.codebookSizes = codebookSizes
      self.creator = creator
    }
  }

  /// The entry of one file; a frame has one label of each codebook.
  public typealias File = StoredFile

  /// Opens a store and reads its index; codes are read when they are asked for.
  ///
  /// - Throws: `LabelError.missing`, `.wrongVersion`, `.empty` or `.damaged`.
  public init(at path: String) throws {
    guard let byteCount = try HDF5.byteCount(of: path) else {
      throw LabelError.missing(path: path)
    }
    let reader = LabelStoreReader(path: path, byteCount: byteCount)
    (description, index, codes, hashes) = try Self.run(path) { try reader.read() }
    self.path = path
  }

  /// The labelled files, in the order in which they were labelled.
  public var files: [File] { index.files }

  /// Runs HDF5 calls; what fails in them means that the file is damaged.
  static func run<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try HDF5.run(body)
    } catch let failure as HDF5.Failure {
      throw LabelError.damaged(path: path, reason: failure.what)
    }
  }
}

// MARK: - Labels

extension LabelStore {
  /// The entry of a file.
  ///
  /// - Throws: `LabelError.unknownFile`.
  public func file(named name: String) throws -> File {
    guard let file = index[name] else { throw LabelError.unknownFile(path: path, file: name) }
    return file
  }

  /// The codes of a file, or of some of its frames: int32, `[codebooks, frames]`.
  ///
  /// Traps when `frames` reaches beyond the labels.
  /// - Throws: `LabelError.unknownFile`, `.codeOutOfRange`, or `.damaged` when a checksum fails.
  public func codes(of name: String, frames: Range<Int>? = nil) throws -> Tensor {
    let file = try file(named: name)
    let frames = frames ?? 0..<file.frames
    precondition(
      0 <= frames.lowerBound && frames.upperBound <= file.frames,
      "LabelStore: frames \(frames) of '\(name)', which has \(file.frames)")
    let first = file.range.lowerBound
    let values = try read(first + frames.lowerBound..<first + frames.upperBound)
    try LabelChecks.codes(values, of: name, sizes: description.codebookSizes, in: path)
    return Tensor(values, shape: [description.codebookSizes.count, frames.count])
  }

  /// The `ContentHash` of a file's codes, as int32 row by row. The codes are read only if the store does not hold it.
  ///
  /// - Throws: As `codes`.
  package func contentHash(of name: String) throws -> UInt64 {
    guard let hashes else { return ContentHash(ofCodes: try codes(of: name).integers).value }
    guard let number = index.number(of: name) else {
      throw LabelError.unknownFile(path: path, file: name)
    }
    return hashes[number]
  }

  private func read(_ columns: Range<Int>) throws -> [Int32] {
    let rows = description.codebookSizes.count
    return try Self.run(path) {
      var values = [Int32](repeating: 0, count: rows * columns.count)
      try values.withUnsafeMutableBytes { buffer in
        guard let base = buffer.baseAddress else { return }
        try codes.read(columns, across: rows, type: chdf5_int32(), into: base)
      }
      return values
    }
  }
}

// MARK: - Checks

extension LabelStore {
  /// Makes sure that labels come as often as the recipe wants.
  ///
  /// - Throws: `LabelError.wrongRate`.
  public func check(_ rate: LabelRate) throws {
    guard rate == description.rate else {
      throw LabelError.wrongRate(path: path, stored: description.rate, wanted: rate)
    }
  }

  /// Makes sure that the labels come from this teacher.
  ///
  /// - Throws: `LabelError.wrongTeacher`.
  public func check(teacher: String) throws {
    guard teacher == description.teacher else {
      throw LabelError.wrongTeacher(path: path, stored: description.teacher, wanted: teacher)
    }
  }

  /// Makes sure that a file has labels, that its audio is the labelled one, and that it has as
  /// many frames as labels, give or take `tolerance`.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - frames: What the model makes of the file, or its samples over the hop.
  ///   - audioHash: The hash of the audio file's bytes.
  ///   - tolerance: Frames by which the length may differ.
  /// - Throws: `LabelError.unknownFile`, `.changedAudio` or `.wrongLength`.
  public func check(_ name: String, frames: Int, audioHash: UInt64, tolerance: Int = 1) throws {
    let file = try file(named: name)
    guard file.audioHash == audioHash else {
      throw LabelError.changedAudio(path: path, file: name)
    }
    try LabelChecks.length(
      of: name, labels: file.frames, frames: frames, tolerance: tolerance, in: path)
  }
}

extension ContentHash {
  /// The hash of codes as int32, low byte first.
  init(ofCodes codes: [Int32]) {
    self.init()
    codes.map(\.littleEndian).withUnsafeBytes { update($0) }
  }
}

/// The rules that hold for labels when they are written and when they are read.
enum LabelChecks {
  static func length(
    of name: String, labels: Int, frames: Int, tolerance: Int, in path: String
  ) throws {
    guard (frames - tolerance...frames + tolerance).contains(labels) else {
      throw LabelError.wrongLength(path: path, file: name, labels: labels, frames: frames)
    }
  }

  /// - Parameter codes: `[codebooks, frames]`, row-major.
  static func codes(_ codes: [Int32], of name: String, sizes: [Int], in path: String) throws {
    let frames = codes.count / sizes.count
    for (book, size) in sizes.enumerated() {
      let row = codes[book * frames..<(book + 1) * frames]
      guard let code = row.first(where: { $0 < 0 || $0 >= size }) else { continue }
      throw LabelError.codeOutOfRange(
        path: path, file: name, codebook: book, code: code, size: size)
    }
  }
}
