import CHDF5

/// The index entry of one audio file.
public struct StoredFile: Sendable, Equatable {
  /// The path in the manifest, relative to its root, byte for byte.
  public let name: String
  /// The range of its frames in the store's table.
  package let range: Range<Int>
  /// The length in samples at the store's sample rate.
  public let samples: Int
  /// The `ContentHash` of the audio file.
  public let audioHash: UInt64

  /// The number of frames.
  public var frames: Int { range.count }
}

/// The files of a store, whose frames are stored one after the other in one table.
///
/// On disk: table `files` `[4, files]` holds for each file the end of its frames, the end of its
/// name in `names`, its length in samples, and its content hash. Table `names` `[1, bytes]` is
/// UTF-8.
package struct StoreIndex: Sendable {
  package private(set) var files: [StoredFile] = []
  /// Keyed by the bytes of the name: two names may be equal as text but differ on disk.
  private var numbers: [[UInt8]: Int] = [:]

  /// An empty index.
  package init() {}

  /// The number of frames of all files.
  package var frames: Int { files.last?.range.upperBound ?? 0 }

  package subscript(name: String) -> StoredFile? { number(of: name).map { files[$0] } }

  /// The place of a file in `files`; nil if there is no such file.
  package func number(of name: String) -> Int? { numbers[Array(name.utf8)] }

  /// Adds a file, whose frames follow those of the last file.
  package mutating func append(_ name: String, frames count: Int, samples: Int, audioHash: UInt64) {
    numbers[Array(name.utf8)] = files.count
    files.append(
      StoredFile(
        name: name, range: frames..<frames + count, samples: samples, audioHash: audioHash))
  }
}

// MARK: - Writing

extension StoreIndex {
  package func write(to file: HDF5Handle) throws {
    let names = files.map { Array($0.name.utf8) }
    var nameEnd = 0
    let nameEnds = names.map { name -> Int64 in
      nameEnd += name.count
      return Int64(nameEnd)
    }
    let columns =
      files.map { Int64($0.range.upperBound) } + nameEnds + files.map { Int64($0.samples) }
      + files.map { Int64(bitPattern: $0.audioHash) }
    let table = try HDF5Table(
      new: "files", in: file, growing: .columns, across: 4, stored: chdf5_stored_int64(),
      chunk: min(1024, files.count))
    try table.append(columns, type: chdf5_int64(), count: files.count)
    let text = try HDF5Table(
      new: "names", in: file, growing: .columns, across: 1, stored: chdf5_stored_uint8(),
      chunk: min(1 << 16, nameEnd))
    try text.append(names.flatMap { $0 }, type: chdf5_uint8(), count: nameEnd)
  }
}

// MARK: - Reading

extension StoreIndex {
  /// Reads an index and checks every number against the size of the file.
  ///
  /// - Parameter byteCount: The size of the file.
  package init(of file: HDF5Handle, byteCount: Int) throws {
    let table = try HDF5Table("files", in: file, growing: .columns)
    let extent = try table.extent(elementBytes: 8, inFileOf: byteCount)
    guard extent.across == 4 else {
      throw HDF5.Failure(what: "table 'files' has the wrong shape")
    }
    var columns = [Int64](repeating: 0, count: 4 * extent.along)
    try table.read(0..<extent.along, across: 4, type: chdf5_int64(), into: &columns)
    let names = try Self.names(in: file, byteCount: byteCount)
    var nameStart = 0
    for number in 0..<extent.along {
      let values = (0..<4).map { columns[$0 * extent.along + number] }
      nameStart = try append(values, nameStart: nameStart, names: names)
    }
  }

  private static func names(in file: HDF5Handle, byteCount: Int) throws -> [UInt8] {
    let table = try HDF5Table("names", in: file, growing: .columns)
    let extent = try table.extent(elementBytes: 1, inFileOf: byteCount)
    guard extent.across == 1 else {
      throw HDF5.Failure(what: "table 'names' has the wrong shape")
    }
    var names = [UInt8](repeating: 0, count: extent.along)
    try table.read(0..<extent.along, across: 1, type: chdf5_uint8(), into: &names)
    return names
  }

  /// Adds a file from its column in `files`.
  /// - Returns: The end of its name.
  private mutating func append(
    _ values: [Int64], nameStart: Int, names: [UInt8]
  ) throws -> Int {
    let (end, nameEnd, samples) = (Int(values[0]), Int(values[1]), Int(values[2]))
    guard frames < end, nameStart < nameEnd, nameEnd <= names.count, samples >= 0,
      let name = String(validating: names[nameStart..<nameEnd], as: UTF8.self)
    else { throw HDF5.Failure(what: "its index of files is damaged") }
    guard self[name] == nil else { throw HDF5.Failure(what: "names a file twice") }
    append(
      name, frames: end - frames, samples: samples, audioHash: UInt64(bitPattern: values[3]))
    return nameEnd
  }
}
