import CHDF5
import Foundation
import Files
import Tensor

/// A file of named arrays for other programs; the extension of its name gives the format.
public enum ArrayFile {
  /// The formats, by extension.
  public enum Format: String, CaseIterable, Sendable {
    /// safetensors, with metadata.
    case safetensors
    /// NumPy's format: one array, without name and metadata.
    case npy
    /// HDF5; metadata are written as attributes of the file.
    case h5
  }

  /// The format that the extension of a path gives.
  ///
  /// - Throws: `FileError.unsuitable`.
  public static func format(of path: String) throws(FileError) -> Format {
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    guard let format = Format(rawValue: ending) else {
      throw .unsuitable(
        path: path, reason: "the name does not tell the format; end it in .safetensors, .npy or .h5"
      )
    }
    return format
  }

  /// Writes float32 or int32 arrays; the old file is replaced only when the new one is complete.
  ///
  /// - Traps when: an array is of another type.
  /// - Throws: `FileError`.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], to path: String, metadata: [String: String] = [:]
  ) throws {
    switch try format(of: path) {
    case .safetensors:
      let metadata = metadata.merging(["format": "pt"]) { own, _ in own }
      try SafeTensors.write(tensors, to: URL(fileURLWithPath: path), metadata: metadata)
    case .npy:
      guard tensors.count == 1 else {
        throw severalArrays(tensors.count, for: path)
      }
      try NumPyArray.write(tensors[0].tensor, to: URL(fileURLWithPath: path))
    case .h5: try writeHDF5(tensors, to: path, metadata: metadata)
    }
  }

  /// The error for several arrays in a file that holds one.
  public static func severalArrays(_ count: Int, for path: String) -> FileError {
    .unsuitable(
      path: path,
      reason:
        "a .npy file holds one array and there are \(count); end the name in .safetensors or .h5")
  }

  /// Writes one float32 array `[rows, width]` block by block, so that it is never held as a whole.
  ///
  /// - Parameters:
  ///   - name: The name of the array.
  ///   - width: The length of a row.
  ///   - path: The new file; its extension gives the format.
  ///   - metadata: Free text by name.
  ///   - body: Passes the blocks to `add`.
  /// - Throws: `FileError`, or the errors of `body`.
  /// - Traps when: a block is not float32 `[rows, width]`.
  public static func write(
    _ name: String, rowsOf width: Int, to path: String, metadata: [String: String] = [:],
    _ body: (_ add: (Tensor) throws -> Void) throws -> Void
  ) throws {
    let url = URL(fileURLWithPath: path)
    switch try format(of: path) {
    case .safetensors:
      let metadata = metadata.merging(["format": "pt"]) { own, _ in own }
      try SafeTensors.write(name, rowsOf: width, to: url, metadata: metadata, body)
    case .npy: try NumPyArray.write(rowsOf: width, to: url, body)
    case .h5: try writeHDF5(name, rowsOf: width, to: path, metadata: metadata, body)
    }
  }

  private static func writeHDF5(
    _ name: String, rowsOf width: Int, to path: String, metadata: [String: String],
    _ body: (_ add: (Tensor) throws -> Void) throws -> Void
  ) throws {
    let file = try PartialFile(for: path)
    let table = try file.write { file in
      for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
        try file.write(value, as: key)
      }
      return try HDF5Table(
        new: name, in: file, growing: .rows, across: width, stored: chdf5_stored_float(),
        chunk: HDF5Table.chunkRows(width: width))
    }
    try body { block in
      precondition(
        block.dtype == .float32 && block.rank == 2 && block.shape[1] == width,
        "ArrayFile: needs rows of \(width) float32, got \(block.dtype) \(block.shape)")
      try file.write { _ in
        try block.read {
          try table.append($0.baseAddress!, type: chdf5_float(), count: block.shape[0])
        }
      }
    }
    try file.write { _ in try table.close() }
    try file.finish()
  }

  private static func writeHDF5(
    _ tensors: [(name: String, tensor: Tensor)], to path: String, metadata: [String: String]
  ) throws {
    let bytes = tensors.reduce(0) { $0 + $1.tensor.elementCount * $1.tensor.dtype.byteCount }
    let file = try PartialFile(for: path, bytes: bytes)
    try file.write { file in
      for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
        try file.write(value, as: key)
      }
      for (name, tensor) in tensors { try file.write(tensor, as: name) }
    }
    try file.finish()
  }
}

extension HDF5Handle {
  fileprivate func write(_ tensor: Tensor, as name: String) throws {
    let shape = Array(tensor.shape)
    switch tensor.dtype {
    case .float32:
      try tensor.read {
        try write(
          $0.baseAddress!, as: name, shape: shape, type: chdf5_float(),
          stored: chdf5_stored_float())
      }
    case .int32:
      try tensor.read(as: Int32.self) {
        try write(
          $0.baseAddress!, as: name, shape: shape, type: chdf5_int32(),
          stored: chdf5_stored_int32())
      }
    case .bfloat16: preconditionFailure("ArrayFile: convert bfloat16 to float32 before writing")
    }
  }
}
