import CHDF5

/// A table in an HDF5 file with two axes, of which one can grow, and a checksum for every chunk.
package struct HDF5Table: Sendable {
  /// The axis that grows.
  package enum Axis: Sendable { case rows, columns }

  private let handle: HDF5Handle
  private let axis: Axis

  /// The lengths of the growing axis and of the other axis.
  package struct Extent: Equatable {
    package var along: Int
    package var across: Int
  }

  /// Creates an empty table.
  ///
  /// - Parameters:
  ///   - stored: The type on disk.
  ///   - chunk: The length of a chunk along the growing axis.
  package init(
    new name: String, in file: HDF5Handle, growing axis: Axis, across: Int, stored: hid_t,
    chunk: Int
  ) throws {
    self.axis = axis
    let layout = try HDF5Handle(H5Pcreate(chdf5_dataset_creation()), "no memory") { H5Pclose($0) }
    try HDF5.check(
      H5Pset_chunk(layout.id, 2, axis.sizes(along: hsize_t(chunk), across: hsize_t(across))),
      "no chunks")
    try HDF5.check(H5Pset_fletcher32(layout.id), "no checksums")
    let space = try HDF5Handle.space(
      axis.sizes(along: 0, across: hsize_t(across)),
      most: axis.sizes(along: chdf5_unlimited(), across: hsize_t(across)))
    handle = try HDF5Handle(
      H5Dcreate2(file.id, name, stored, space.id, 0, layout.id, 0),
      "table '\(name)' cannot be written"
    ) { H5Dclose($0) }
  }

  /// The rows in a chunk of about 128 KiB of floats: reading a few seconds touches only a few
  /// chunks.
  package static func chunkRows(width: Int) -> Int { max(1, (1 << 15) / width) }

  /// Opens a table of integers or of real numbers.
  package init(
    _ name: String, in file: HDF5Handle, growing axis: Axis, of kind: H5T_class_t = H5T_INTEGER
  ) throws {
    self.axis = axis
    handle = try HDF5Handle(H5Dopen2(file.id, name, 0), "table '\(name)' is missing") {
      H5Dclose($0)
    }
    let type = try HDF5Handle(H5Dget_type(handle.id), "broken table '\(name)'") { H5Tclose($0) }
    guard H5Tget_class(type.id) == kind, (1...8).contains(H5Tget_size(type.id)) else {
      throw HDF5.Failure(what: "table '\(name)' holds numbers of another kind")
    }
    guard try Self.hasCheckedChunks(handle, elementBytes: H5Tget_size(type.id)) else {
      throw HDF5.Failure(what: "table '\(name)' is not stored in chunks with checksums")
    }
  }

  /// Whether a table is stored as this program stores it: in chunks of limited size, each with a
  /// checksum. A table of another layout could refer to other files, expand to any size, or be
  /// damaged without detection.
  private static func hasCheckedChunks(_ table: HDF5Handle, elementBytes: Int) throws -> Bool {
    let layout = try HDF5Handle(H5Dget_create_plist(table.id), "broken table") { H5Pclose($0) }
    guard H5Pget_layout(layout.id) == H5D_CHUNKED, H5Pget_nfilters(layout.id) == 1,
      H5Pall_filters_avail(layout.id) > 0
    else { return false }
    var (flags, settings): (UInt32, Int) = (0, 0)
    let filter = H5Pget_filter2(layout.id, 0, &flags, &settings, nil, 0, nil, nil)
    var sides: [hsize_t] = [0, 0]
    guard filter == H5Z_FILTER_FLETCHER32, H5Pget_chunk(layout.id, 2, &sides) == 2 else {
      return false
    }
    let bytes = Double(sides[0]) * Double(sides[1]) * Double(elementBytes)
    return bytes <= Double(maximumChunkBytes)
  }

  private static let maximumChunkBytes = 8 << 20

  /// The lengths of both axes.
  package func extent() throws -> Extent {
    let space = try HDF5Handle(H5Dget_space(handle.id), "broken table") { H5Sclose($0) }
    var sizes: [hsize_t] = [0, 0]
    guard H5Sget_simple_extent_ndims(space.id) == 2,
      H5Sget_simple_extent_dims(space.id, &sizes, nil) == 2,
      let rows = Int(exactly: sizes[0]), let columns = Int(exactly: sizes[1])
    else { throw HDF5.Failure(what: "a table has the wrong shape") }
    return axis == .rows
      ? Extent(along: rows, across: columns) : Extent(along: columns, across: rows)
  }

  /// `extent()`, after a check that the table is not larger than the file.
  package func extent(elementBytes: Int, inFileOf byteCount: Int) throws -> Extent {
    let extent = try extent()
    let widest = 1 << 20
    let (bytes, overflow) = extent.along.multipliedReportingOverflow(
      by: min(extent.across, widest) * elementBytes)
    guard extent.across <= widest, !overflow, bytes <= byteCount else {
      throw HDF5.Failure(what: "is truncated: its tables are larger than the file")
    }
    return extent
  }

  /// Removes the rows or columns from `count` on.
  package func cut(to count: Int) throws { try setLength(count, across: try extent().across) }

  private func setLength(_ count: Int, across: Int) throws {
    try HDF5.check(
      H5Dset_extent(handle.id, axis.sizes(along: hsize_t(count), across: hsize_t(across))),
      "a table cannot change its length")
  }

  /// Appends `count` rows or columns; `values` is row-major.
  package func append(_ values: UnsafeRawPointer, type: hid_t, count: Int) throws {
    let extent = try extent()
    let end = extent.along + count
    try setLength(end, across: extent.across)
    let (memory, file) = try selection(extent.along..<end, across: extent.across)
    try HDF5.check(
      H5Dwrite(handle.id, type, memory.id, file.id, 0, values),
      "cannot be written; is the disk full?")
  }

  /// Reads a range of rows or columns into `values`, row-major.
  package func read(
    _ range: Range<Int>, across: Int, type: hid_t, into values: UnsafeMutableRawPointer
  ) throws {
    guard !range.isEmpty else { return }
    let (memory, file) = try selection(range, across: across)
    try HDF5.check(
      H5Dread(handle.id, type, memory.id, file.id, 0, values), "a table cannot be read")
  }

  /// Closes the table, for callers that must detect whether the last bytes were written.
  package func close() throws { try handle.close() }

  private func selection(
    _ range: Range<Int>, across: Int
  ) throws -> (memory: HDF5Handle, file: HDF5Handle) {
    let count = axis.sizes(along: hsize_t(range.count), across: hsize_t(across))
    let start = axis.sizes(along: hsize_t(range.lowerBound), across: 0)
    let file = try HDF5Handle(H5Dget_space(handle.id), "broken table") { H5Sclose($0) }
    try HDF5.check(
      H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start, nil, count, nil),
      "a table is too short")
    return (try HDF5Handle.space(count), file)
  }
}

extension HDF5Table.Axis {
  /// The numbers of rows and columns.
  fileprivate func sizes(along: hsize_t, across: hsize_t) -> [hsize_t] {
    self == .rows ? [along, across] : [across, along]
  }
}
