import CHDF5
import Files
import HDF5
import Tensor

/// Writes a label store, file by file, to a temporary name until it is finished.
///
/// Codes go to disk as they come; only names, lengths and hashes stay in memory until the end.
/// A writer that goes away unfinished leaves nothing behind. Not for several threads at once.
///
/// Labels that cannot teach anything are refused. A codebook with one and the same code in the
/// whole store is an error. A single constant file is not, because silence has constant labels;
/// but when more than half of the files that last a second or longer are constant, it is one.
public final class LabelStoreWriter {
  /// Where the store will lie.
  public let path: String
  private let description: LabelStore.Description
  private let file: PartialFile
  private let codes: HDF5Table
  private var index = StoreIndex()
  private var variety: LabelVariety
  /// Of each file's codes.
  private var hashes: [UInt64] = []
  private var isFinished = false

  /// Starts a store; a finished one at `path` stays until `finish()` replaces it.
  ///
  /// - Throws: `FileError`.
  public init(at path: String, description: LabelStore.Description) throws {
    (self.path, self.description) = (path, description)
    variety = LabelVariety(codebooks: description.codebookSizes.count)
    file = try PartialFile(for: path)
    codes = try file.write { file in
      try Self.write(description, to: file)
      return try Self.newCodes(sizes: description.codebookSizes, in: file)
    }
  }

  /// Adds the labels of one audio file.
  ///
  /// Traps when `codes` is not int32 `[codebooks, frames]`, or `name` is empty.
  /// - Parameters:
  ///   - name: The relative path by which the manifest names it.
  ///   - codes: The codes.
  ///   - samples: Its length at the store's sample rate.
  ///   - audioHash: `ContentHash.ofFile`.
  ///   - tolerance: By how many labels the file may miss its length.
  /// - Throws: `LabelError.empty`, `.wrongLength`, `.codeOutOfRange`, `.duplicate`;
  ///   `FileError`.
  public func append(
    _ name: String, codes: Tensor, samples: Int, audioHash: UInt64, tolerance: Int = 1
  ) throws {
    let sizes = description.codebookSizes
    precondition(
      codes.dtype == .int32 && codes.rank == 2 && codes.shape[0] == sizes.count,
      "LabelStore: codes must be int32 [\(sizes.count), frames], got \(codes.dtype) \(codes.shape)")
    precondition(!name.isEmpty && !isFinished, "LabelStore: needs a name, and not after finish()")
    let (values, frames) = (codes.integers, codes.shape[1])
    guard frames > 0 else { throw LabelError.empty(path: path, file: name) }
    try LabelChecks.length(
      of: name, labels: frames, frames: samples / description.rate.hop, tolerance: tolerance,
      in: path)
    try LabelChecks.codes(values, of: name, sizes: sizes, in: path)
    guard index[name] == nil else { throw LabelError.duplicate(path: path, file: name) }
    try file.write { _ in try self.codes.append(values, type: chdf5_int32(), count: frames) }
    index.append(name, frames: frames, samples: samples, audioHash: audioHash)
    hashes.append(ContentHash(ofCodes: values).value)
    variety.add(values, lastsASecond: samples >= description.rate.sampleRate)
  }

  /// Writes the index, brings everything to disk, and gives the store its name.
  ///
  /// - Throws: `LabelError.empty` or `.constant` for labels that cannot teach;
  ///   `FileError`.
  public func finish() throws {
    precondition(!isFinished, "LabelStore: finished twice")
    guard !index.files.isEmpty else { throw LabelError.empty(path: path, file: nil) }
    if let collapse = variety.collapse { throw LabelError.constant(path: path, detail: collapse) }
    try file.write { file in
      try index.write(to: file)
      try Self.write(hashes, to: file)
      try codes.close()
    }
    try file.finish()
    isFinished = true
  }

  private static func write(_ description: LabelStore.Description, to file: HDF5Handle) throws {
    try file.write(LabelStore.format, as: "format")
    try file.write([LabelStore.version], as: "version")
    try file.write(description.teacher, as: "teacher")
    try file.write([description.rate.sampleRate], as: "sample_rate")
    try file.write([description.rate.hop], as: "hop")
    try file.write(description.codebookSizes, as: "codebook_sizes")
    try file.write(description.creator, as: "creator")
  }

  private static func write(_ hashes: [UInt64], to file: HDF5Handle) throws {
    let table = try HDF5Table(
      new: LabelStore.hashes, in: file, growing: .columns, across: 1, stored: chdf5_stored_int64(),
      chunk: min(1024, hashes.count))
    try table.append(
      hashes.map { Int64(bitPattern: $0) }, type: chdf5_int64(), count: hashes.count)
  }

  /// Chunks of about 32 KiB: a crop of a few seconds touches one or two.
  private static func newCodes(sizes: [Int], in file: HDF5Handle) throws -> HDF5Table {
    let fitsIn16Bits = sizes.allSatisfy { $0 <= 1 << 16 }
    return try HDF5Table(
      new: "codes", in: file, growing: .columns, across: sizes.count,
      stored: fitsIn16Bits ? chdf5_stored_uint16() : chdf5_stored_int32(),
      chunk: max(16, 16_384 / sizes.count))
  }
}

/// Whether the labels differ at all.
private struct LabelVariety {
  private var first: [Int32?]
  private var isConstant: [Bool]
  private var longFiles = 0
  private var constantLongFiles = 0

  init(codebooks: Int) {
    first = Array(repeating: nil, count: codebooks)
    isConstant = Array(repeating: true, count: codebooks)
  }

  mutating func add(_ codes: [Int32], lastsASecond: Bool) {
    let frames = codes.count / first.count
    var isConstantFile = true
    for book in first.indices {
      let row = codes[book * frames..<(book + 1) * frames]
      let start = first[book] ?? row[row.startIndex]
      first[book] = start
      isConstant[book] = isConstant[book] && row.allSatisfy { $0 == start }
      isConstantFile = isConstantFile && row.allSatisfy { $0 == row[row.startIndex] }
    }
    longFiles += lastsASecond ? 1 : 0
    constantLongFiles += lastsASecond && isConstantFile ? 1 : 0
  }

  /// Why these labels cannot teach anything, if so.
  var collapse: String? {
    if let book = isConstant.firstIndex(of: true) {
      return "every label of codebook \(book) is \(first[book] ?? 0)"
    }
    guard constantLongFiles * 2 > longFiles else { return nil }
    return "\(constantLongFiles) of \(longFiles) files have one and the same label throughout"
  }
}
