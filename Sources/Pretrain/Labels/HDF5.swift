import CHDF5
import Foundation

/// The one door to the HDF5 library: one call at a time, silent, with failures thrown.
enum HDF5 {
  struct Failure: Error {
    var what: String
  }

  /// Recursive, because handles close in `deinit`, wherever that happens.
  private static let lock = NSRecursiveLock()

  static func run<R>(_ body: () throws -> R) rethrows -> R {
    try lock.withLock {
      // Per thread in thread-safe builds, so set each time.
      H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
      return try body()
    }
  }

  @discardableResult
  static func check<I: SignedInteger>(_ status: I, _ what: String) throws -> I {
    guard status >= 0 else { throw Failure(what: what) }
    return status
  }
}

/// An open HDF5 object; closes with its last reference.
///
/// Sendable because every use goes through `HDF5.run`.
final class HDF5Handle: @unchecked Sendable {
  private(set) var id: hid_t
  private let closing: (hid_t) -> herr_t

  init(_ id: hid_t, _ what: String, closing: @escaping (hid_t) -> herr_t) throws {
    self.id = try HDF5.check(id, what)
    self.closing = closing
  }

  /// Closes now, for callers that must know whether the last bytes were written.
  func close() throws {
    try HDF5.run {
      guard id >= 0 else { return }
      defer { id = -1 }
      try HDF5.check(closing(id), "cannot be closed")
    }
  }

  deinit { try? close() }
}

// MARK: - Files

extension HDF5Handle {
  /// The 1.10 format, in which every piece of metadata carries a checksum. Files are private until
  /// they are renamed, so locks, which fail on some network disks, have no use.
  private static func fileAccess() throws -> HDF5Handle {
    let access = try HDF5Handle(H5Pcreate(chdf5_file_access()), "no memory") { H5Pclose($0) }
    try HDF5.check(
      H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110), "no format 1.10")
    try HDF5.check(H5Pset_file_locking(access.id, false, true), "no way to switch locks off")
    return access
  }

  static func newFile(at path: String) throws -> HDF5Handle {
    let access = try fileAccess()
    return try HDF5Handle(
      H5Fcreate(path, chdf5_truncate(), 0, access.id), "cannot be created"
    ) { H5Fclose($0) }
  }

  static func file(at path: String) throws -> HDF5Handle {
    let access = try fileAccess()
    return try HDF5Handle(
      H5Fopen(path, chdf5_read_only(), access.id), "is not an HDF5 file, or a truncated one"
    ) { H5Fclose($0) }
  }

  func flush() throws {
    try HDF5.check(H5Fflush(id, H5F_SCOPE_LOCAL), "cannot be written; is the disk full?")
  }
}

// MARK: - Attributes

extension HDF5Handle {
  func write(_ numbers: [Int], as name: String) throws {
    let count = [hsize_t(numbers.count)]
    let space = try HDF5Handle.space(count)
    let values = numbers.map(Int64.init)
    try write(name, type: chdf5_int64(), stored: chdf5_stored_int64(), space: space, values)
  }

  func write(_ text: String, as name: String) throws {
    let bytes = Array(text.utf8)
    let type = try HDF5Handle.textType(bytes: max(bytes.count, 1))
    let space = try HDF5Handle(H5Screate(H5S_SCALAR), "no memory") { H5Sclose($0) }
    try write(name, type: type.id, stored: type.id, space: space, bytes.isEmpty ? [0] : bytes)
  }

  private func write<T: BitwiseCopyable>(
    _ name: String, type: hid_t, stored: hid_t, space: HDF5Handle, _ values: [T]
  ) throws {
    let attribute = try HDF5Handle(
      H5Acreate2(id, name, stored, space.id, 0, 0), "attribute '\(name)' cannot be written"
    ) { H5Aclose($0) }
    try HDF5.check(
      H5Awrite(attribute.id, type, values), "attribute '\(name)' cannot be written")
  }

  func numbers(_ name: String) throws -> [Int] {
    let attribute = try attribute(name)
    let space = try HDF5Handle(H5Aget_space(attribute.id), "no memory") { H5Sclose($0) }
    let count = H5Sget_simple_extent_npoints(space.id)
    guard try attribute.isAttribute(of: H5T_INTEGER), (1...4096).contains(count) else {
      throw HDF5.Failure(what: "attribute '\(name)' is not a list of numbers")
    }
    var values = [Int64](repeating: 0, count: Int(count))
    try HDF5.check(
      H5Aread(attribute.id, chdf5_int64(), &values), "attribute '\(name)' cannot be read")
    return values.map { Int($0) }
  }

  func text(_ name: String) throws -> String {
    let attribute = try attribute(name)
    let size = Int(H5Aget_storage_size(attribute.id))
    guard try attribute.isAttribute(of: H5T_STRING), (1...1 << 20).contains(size) else {
      throw HDF5.Failure(what: "attribute '\(name)' is not text")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    let type = try HDF5Handle.textType(bytes: size)
    try HDF5.check(H5Aread(attribute.id, type.id, &bytes), "attribute '\(name)' cannot be read")
    let text = bytes.prefix { $0 != 0 }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw HDF5.Failure(what: "attribute '\(name)' is not UTF-8")
    }
    return string
  }

  private func attribute(_ name: String) throws -> HDF5Handle {
    try HDF5Handle(H5Aopen(id, name, 0), "attribute '\(name)' is missing") { H5Aclose($0) }
  }

  private func isAttribute(of kind: H5T_class_t) throws -> Bool {
    let type = try HDF5Handle(H5Aget_type(id), "broken attribute") { H5Tclose($0) }
    return H5Tget_class(type.id) == kind && H5Tis_variable_str(type.id) <= 0
  }

  private static func textType(bytes: Int) throws -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(chdf5_character()), "no memory") { H5Tclose($0) }
    try HDF5.check(H5Tset_size(type.id, bytes), "no memory")
    try HDF5.check(H5Tset_cset(type.id, H5T_CSET_UTF8), "no UTF-8")
    try HDF5.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), "no padding")
    return type
  }
}

// MARK: - Tables

extension HDF5Handle {
  /// A table `[rows, 0]` that grows along its columns, with a checksum for every chunk.
  func newTable(
    _ name: String, rows: Int, stored: hid_t, chunkColumns: Int
  ) throws -> HDF5Handle {
    let layout = try HDF5Handle(H5Pcreate(chdf5_dataset_creation()), "no memory") { H5Pclose($0) }
    try HDF5.check(
      H5Pset_chunk(layout.id, 2, [hsize_t(rows), hsize_t(chunkColumns)]), "no chunks")
    try HDF5.check(H5Pset_fletcher32(layout.id), "no checksums")
    let space = try HDF5Handle.space([hsize_t(rows), 0], most: [hsize_t(rows), chdf5_unlimited()])
    return try HDF5Handle(
      H5Dcreate2(id, name, stored, space.id, 0, layout.id, 0), "table '\(name)' cannot be written"
    ) { H5Dclose($0) }
  }

  /// Opens a table of integers `[rows, columns]`.
  func table(_ name: String) throws -> HDF5Handle {
    let table = try HDF5Handle(H5Dopen2(id, name, 0), "table '\(name)' is missing") {
      H5Dclose($0)
    }
    let type = try HDF5Handle(H5Dget_type(table.id), "broken table '\(name)'") { H5Tclose($0) }
    guard H5Tget_class(type.id) == H5T_INTEGER else {
      throw HDF5.Failure(what: "table '\(name)' does not hold whole numbers")
    }
    return table
  }

  /// Rows and columns of a table.
  func extent() throws -> (rows: Int, columns: Int) {
    let space = try HDF5Handle(H5Dget_space(id), "broken table") { H5Sclose($0) }
    var sizes: [hsize_t] = [0, 0]
    guard H5Sget_simple_extent_ndims(space.id) == 2,
      H5Sget_simple_extent_dims(space.id, &sizes, nil) == 2,
      let rows = Int(exactly: sizes[0]), let columns = Int(exactly: sizes[1])
    else { throw HDF5.Failure(what: "a table has the wrong shape") }
    return (rows, columns)
  }

  /// Appends columns to a table; `values` is `[rows, count]`, row-major.
  func append(_ values: UnsafeRawPointer, type: hid_t, count: Int) throws {
    let (rows, columns) = try extent()
    try HDF5.check(
      H5Dset_extent(id, [hsize_t(rows), hsize_t(columns + count)]), "a table cannot grow")
    let (memory, file) = try selection(rows: rows, columns: columns..<columns + count)
    try HDF5.check(
      H5Dwrite(id, type, memory.id, file.id, 0, values), "cannot be written; is the disk full?")
  }

  /// Reads columns of a table into `values`, `[rows, count]`, row-major.
  func read(_ columns: Range<Int>, rows: Int, type: hid_t, into values: UnsafeMutableRawPointer)
    throws
  {
    guard !columns.isEmpty else { return }
    let (memory, file) = try selection(rows: rows, columns: columns)
    try HDF5.check(H5Dread(id, type, memory.id, file.id, 0, values), "a table cannot be read")
  }

  private func selection(
    rows: Int, columns: Range<Int>
  ) throws -> (memory: HDF5Handle, file: HDF5Handle) {
    let count = [hsize_t(rows), hsize_t(columns.count)]
    let file = try HDF5Handle(H5Dget_space(id), "broken table") { H5Sclose($0) }
    try HDF5.check(
      H5Sselect_hyperslab(
        file.id, H5S_SELECT_SET, [0, hsize_t(columns.lowerBound)], nil, count, nil),
      "a table is too short")
    return (try HDF5Handle.space(count), file)
  }

  fileprivate static func space(_ sizes: [hsize_t], most: [hsize_t]? = nil) throws -> HDF5Handle {
    try HDF5Handle(H5Screate_simple(Int32(sizes.count), sizes, most), "no memory") { H5Sclose($0) }
  }
}
