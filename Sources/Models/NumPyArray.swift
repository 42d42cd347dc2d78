import Foundation
import Tensor

/// One array in NumPy's own format, `numpy.load`.
///
/// Source: NumPy's `lib/format.py`, version 1.0: magic bytes, version, the header's length, a Python
/// dictionary padded with blanks to a multiple of 64 bytes, the elements in row-major order.
public enum NumPyArray {
  /// Writes a float32 or int32 array; the old file stays until the new one is complete.
  ///
  /// - Throws: `ModelError.file`.
  /// - Traps when: the array is of another type.
  public static func write(_ tensor: Tensor, to url: URL) throws {
    try AtomicFile.write(to: url) { file in
      try file.write(contentsOf: header(of: tensor))
      try tensor.write(to: file)
    }
  }

  private static func header(of tensor: Tensor) -> Data {
    let type = tensor.dtype == .int32 ? "<i4" : "<f4"
    // Python writes a tuple of one as (3,).
    let extents = tensor.shape.map(String.init).joined(separator: ", ")
    let shape = tensor.rank == 1 ? extents + "," : extents
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
    // Magic, version and length take 10 bytes; the last one is the line's end.
    while (text.utf8.count + 11) % 64 != 0 { text += " " }
    text += "\n"
    let length = UInt16(text.utf8.count)
    return Data([0x93]) + Data("NUMPY".utf8)
      + Data([1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]) + Data(text.utf8)
  }
}
