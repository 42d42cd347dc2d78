import Foundation
import Tensor

extension SafeTensors {
  /// Writes tensors to a file, in this order, atomically.
  ///
  /// - Parameters:
  ///   - tensors: Names and tensors.
  ///   - url: The new file.
  ///   - metadata: Free text; `transformers` requires `format: pt`.
  /// - Throws: `FileError`.
  /// - Traps when: a name is repeated, or a tensor is neither float32 nor int32.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], to url: URL,
    metadata: [String: String] = ["format": "pt"]
  ) throws {
    let header = Header(of: tensors, metadata: metadata)
    let start = try header.encoded()
    let elements = tensors.reduce(0) { $0 + $1.tensor.elementCount * $1.tensor.dtype.byteCount }
    try AtomicFile.write(to: url, bytes: start.count + elements) { file in
      try file.write(contentsOf: start)
      for (_, tensor) in tensors { try tensor.write(to: file) }
    }
  }

  /// Writes one float32 tensor `[rows, width]` block by block, so that it is never held as a whole.
  ///
  /// - Parameters:
  ///   - name: The name of the tensor.
  ///   - width: The length of a row.
  ///   - url: The new file.
  ///   - metadata: Free text by name.
  ///   - body: Passes the blocks to `add`.
  /// - Throws: `FileError`, or the errors of `body`; the old file is then unchanged.
  /// - Traps when: a block is not float32 `[rows, width]`.
  public static func write(
    _ name: String, rowsOf width: Int, to url: URL, metadata: [String: String] = ["format": "pt"],
    _ body: (_ add: (Tensor) throws -> Void) throws -> Void
  ) throws {
    func header(rows: Int, length: Int) throws -> Data {
      let entry = Header.Entry(
        dtype: "F32", shape: [rows, width], offsets: [0, 4 * rows * width])
      return try Header(metadata: metadata, entries: [name: entry]).encoded(atLeast: length)
    }
    try AtomicFile.write(to: url, seeking: true) { file in
      try file.write(rowsOf: width, header: header, body)
    }
  }

  /// Writes tensors to a file, sorted by name, atomically.
  public static func write(
    _ tensors: [String: Tensor], to url: URL, metadata: [String: String] = ["format": "pt"]
  ) throws {
    let sorted = tensors.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
    try write(sorted, to: url, metadata: metadata)
  }
}

extension SafeTensors.Header {
  fileprivate init(
    of tensors: [(name: String, tensor: Tensor)], metadata: [String: String]
  ) {
    self.metadata = metadata
    var end = 0
    for (name, tensor) in tensors {
      let begin = end
      end += tensor.elementCount * tensor.dtype.byteCount
      let entry = Entry(
        dtype: tensor.formatName, shape: Array(tensor.shape), offsets: [begin, end])
      let earlier = entries.updateValue(entry, forKey: name)
      precondition(earlier == nil, "SafeTensors: two tensors are named '\(name)'")
    }
  }

  /// The length and the JSON, padded with blanks so that the elements start at a multiple of 8
  /// bytes.
  fileprivate func encoded(atLeast length: Int = 0) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = try encoder.encode(self)
    while json.count % 8 != 0 || json.count + 8 < length { json.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
  }
}

extension Tensor {
  fileprivate var formatName: String {
    switch dtype {
    case .float32: "F32"
    case .int32: "I32"
    case .bfloat16: preconditionFailure("SafeTensors: convert bfloat16 to float32 before writing")
    }
  }

  /// Writes the elements as they are in memory: row-major, little-endian.
  func write(to file: FileHandle) throws {
    switch dtype {
    case .int32: try read(as: Int32.self) { try file.write(copying: UnsafeRawBufferPointer($0)) }
    default: try read { try file.write(copying: UnsafeRawBufferPointer($0)) }
    }
  }
}

extension FileHandle {
  /// Writes in pieces, so that a large tensor is not held twice.
  fileprivate func write(copying bytes: UnsafeRawBufferPointer) throws {
    let piece = 1 << 24
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let end = min(start + piece, bytes.count)
      try write(contentsOf: Data(bytes[start..<end]))
    }
  }
}
