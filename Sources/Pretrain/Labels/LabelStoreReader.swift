import CHDF5
import Files
import HDF5

/// Reads the index of a store and checks every number against the file.
struct LabelStoreReader {
  let path: String
  /// The size of the file; no table in it can be larger.
  let byteCount: Int

  func read() throws -> (LabelStore.Description, StoreIndex, HDF5Table, [UInt64]?) {
    let file = try HDF5Handle.file(at: path)
    try checkVersion(of: file)
    let description = try description(in: file)
    let codes = try HDF5Table("codes", in: file, growing: .columns)
    let index = try StoreIndex(of: file, byteCount: byteCount)
    guard !index.files.isEmpty else { throw LabelError.empty(path: path, file: nil) }
    let extent = try codes.extent(elementBytes: 2, inFileOf: byteCount)
    guard extent.across == description.codebookSizes.count, extent.along == index.frames else {
      throw HDF5.Failure(what: "its tables do not fit each other")
    }
    return (description, index, codes, try hashes(of: index.files.count, in: file))
  }

  private func hashes(of files: Int, in file: HDF5Handle) throws -> [UInt64]? {
    guard file.holds(LabelStore.hashes) else { return nil }
    let table = try HDF5Table(LabelStore.hashes, in: file, growing: .columns)
    let extent = try table.extent()
    guard extent.along == files, extent.across == 1 else {
      throw HDF5.Failure(what: "its tables do not fit each other")
    }
    var values = [Int64](repeating: 0, count: files)
    try table.read(0..<files, across: 1, type: chdf5_int64(), into: &values)
    return values.map { UInt64(bitPattern: $0) }
  }

  private func checkVersion(of file: HDF5Handle) throws {
    guard let format = try? file.text("format"), format == LabelStore.format else {
      throw HDF5.Failure(what: "is an HDF5 file, but not a label store")
    }
    let version = try file.number("version")
    guard version == LabelStore.version else {
      throw LabelError.wrongVersion(path: path, found: version)
    }
  }

  private func description(in file: HDF5Handle) throws -> LabelStore.Description {
    let sizes = try file.numbers("codebook_sizes")
    let (sampleRate, hop) = (try file.number("sample_rate"), try file.number("hop"))
    guard sampleRate > 0, hop > 0, sizes.allSatisfy({ (2...Int(Int32.max)).contains($0) }) else {
      throw HDF5.Failure(what: "its rate or codebook sizes make no sense")
    }
    return LabelStore.Description(
      teacher: try file.text("teacher"), rate: LabelRate(sampleRate: sampleRate, hop: hop),
      codebookSizes: sizes, creator: try file.text("creator"))
  }
}
