import CHDF5
import Foundation

/// Reads the index of a store and believes none of it: every number is held against the file.
struct LabelStoreReader {
  let path: String
  /// The size of the file; no table in it can be larger.
  let byteCount: Int

  func read() throws -> (LabelStore.Description, [LabelStore.File], HDF5Handle) {
    let file = try HDF5Handle.file(at: path)
    try checkVersion(of: file)
    let description = try description(in: file)
    let codes = try file.table("codes")
    let files = try files(in: file)
    guard !files.isEmpty else { throw LabelError.empty(path: path, file: nil) }
    let extent = try size(of: codes, elementBytes: 2)
    guard extent.rows == description.codebookSizes.count,
      extent.columns == files.last?.columns.upperBound
    else { throw HDF5.Failure(what: "its tables do not fit each other") }
    return (description, files, codes)
  }

  private func checkVersion(of file: HDF5Handle) throws {
    guard let format = try? file.text("format"), format == LabelStore.format else {
      throw HDF5.Failure(what: "is an HDF5 file, but not a label store")
    }
    let version = try number("version", in: file)
    guard version == LabelStore.version else {
      throw LabelError.wrongVersion(path: path, found: version)
    }
  }

  private func description(in file: HDF5Handle) throws -> LabelStore.Description {
    let sizes = try file.numbers("codebook_sizes")
    let (sampleRate, hop) = (try number("sample_rate", in: file), try number("hop", in: file))
    guard sampleRate > 0, hop > 0, sizes.allSatisfy({ (2...Int(Int32.max)).contains($0) }) else {
      throw HDF5.Failure(what: "its rate or codebook sizes make no sense")
    }
    return LabelStore.Description(
      teacher: try file.text("teacher"), rate: LabelRate(sampleRate: sampleRate, hop: hop),
      codebookSizes: sizes, creator: try file.text("creator"))
  }

  private func number(_ name: String, in file: HDF5Handle) throws -> Int {
    let numbers = try file.numbers(name)
    guard numbers.count == 1 else {
      throw HDF5.Failure(what: "attribute '\(name)' is not one number")
    }
    return numbers[0]
  }

  private func size(
    of table: HDF5Handle, elementBytes: Int
  ) throws -> (rows: Int, columns: Int) {
    let extent = try table.extent()
    let (bytes, overflow) = extent.columns.multipliedReportingOverflow(
      by: extent.rows * elementBytes)
    guard extent.rows <= 4096, !overflow, bytes <= byteCount else {
      throw HDF5.Failure(what: "is truncated: its tables are larger than the file")
    }
    return extent
  }

  // MARK: - Files

  private func files(in file: HDF5Handle) throws -> [LabelStore.File] {
    let table = try file.table("files")
    let extent = try size(of: table, elementBytes: 8)
    guard extent.rows == 4 else { throw HDF5.Failure(what: "table 'files' has the wrong shape") }
    var index = [Int64](repeating: 0, count: 4 * extent.columns)
    try table.read(0..<extent.columns, rows: 4, type: chdf5_int64(), into: &index)
    let names = try names(in: file)
    return try (0..<extent.columns).map { number in
      try entry(number, in: index, count: extent.columns, names: names)
    }
  }

  private func names(in file: HDF5Handle) throws -> [UInt8] {
    let table = try file.table("names")
    let extent = try size(of: table, elementBytes: 1)
    guard extent.rows == 1 else { throw HDF5.Failure(what: "table 'names' has the wrong shape") }
    var names = [UInt8](repeating: 0, count: extent.columns)
    try table.read(0..<extent.columns, rows: 1, type: chdf5_uint8(), into: &names)
    return names
  }

  private func entry(
    _ number: Int, in index: [Int64], count: Int, names: [UInt8]
  ) throws -> LabelStore.File {
    func value(_ row: Int, _ number: Int) -> Int {
      number < 0 ? 0 : Int(index[row * count + number])
    }
    let columns = (value(0, number - 1), value(0, number))
    let bytes = (value(1, number - 1), value(1, number))
    guard columns.0 < columns.1, bytes.0 < bytes.1, bytes.1 <= names.count,
      value(2, number) >= 0,
      let name = String(validating: names[bytes.0..<bytes.1], as: UTF8.self)
    else { throw HDF5.Failure(what: "its index of files is broken") }
    return LabelStore.File(
      name: name, columns: columns.0..<columns.1, samples: value(2, number),
      audioHash: UInt64(bitPattern: Int64(value(3, number))))
  }
}
