import Foundation
import Tensor

/// One array in NumPy's format, for `numpy.load`.
///
/// - Source: NumPy's `lib/format.py`, version 1.0: magic bytes, version, the length of the header,
///   a Python dictionary padded with blanks to a multiple of 64 bytes, the elements in row-major
///   order.
public enum NumPyArray {
  /// Writes a float32 or int32 array; the old file is replaced only when the new one is complete.
  ///
  /// - Throws: `FileError`.
  /// - Traps when: the array is of another type.
  public static func write(_ tensor: Tensor, to url: URL) throws {
    let bytes = tensor.elementCount * tensor.dtype.byteCount
    try AtomicFile.write(to: url, bytes: bytes + 128) { file in
      try file.write(contentsOf: header(of: tensor.dtype, shape: Array(tensor.shape)))
      try tensor.write(to: file)
    }
  }

  /// Writes a float32 array `[rows, width]` block by block, so that it is never held as a whole.
  ///
  /// - Parameters:
  ///   - width: The length of a row.
  ///   - url: The new file.
  ///   - body: Passes the blocks to `add`.
  /// - Throws: `FileError`, or the errors of `body`; the old file is then unchanged.
  /// - Traps when: a block is not float32 `[rows, width]`.
  public static func write(
    rowsOf width: Int, to url: URL, _ body: (_ add: (Tensor) throws -> Void) throws -> Void
  ) throws {
    try AtomicFile.write(to: url, seeking: true) { file in
      try file.write(
        rowsOf: width,
        header: { header(of: .float32, shape: [$0, width], atLeast: $1) }, body)
    }
  }

  private static func header(of dtype: DType, shape: [Int], atLeast length: Int = 0) -> Data {
    let type = dtype == .int32 ? "<i4" : "<f4"
    // Python writes a tuple of one element as (3,).
    let extents = shape.map(String.init).joined(separator: ", ")
    let shape = shape.count == 1 ? extents + "," : extents
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
    // Magic bytes, version and length take 10 bytes, the final line feed one more.
    while (text.utf8.count + 11) % 64 != 0 || text.utf8.count + 11 < length { text += " " }
    text += "\n"
    let length = UInt16(text.utf8.count)
    return Data([0x93]) + Data("NUMPY".utf8)
      + Data([1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]) + Data(text.utf8)
  }
}
