import Foundation
import Tensor

extension FileHandle {
  /// Writes float32 rows block by block, after a header that gives the number of rows.
  ///
  /// - Parameter header: The header for `rows` rows, padded to at least `length` bytes.
  /// - Traps when: a block is not float32 `[rows, width]`.
  func write(
    rowsOf width: Int, header: (_ rows: Int, _ length: Int) throws -> Data,
    _ body: (_ add: (Tensor) throws -> Void) throws -> Void
  ) throws {
    // The header for the greatest number of rows, which has the most digits.
    let room = try header(.max / (8 * max(1, width)), 0).count
    try write(contentsOf: Data(count: room))
    var rows = 0
    try body { block in
      precondition(
        block.dtype == .float32 && block.rank == 2 && block.shape[1] == width,
        "write: needs rows of \(width) float32, got \(block.dtype) \(block.shape)")
      try block.write(to: self)
      rows += block.shape[0]
    }
    try seek(toOffset: 0)
    try write(contentsOf: header(rows, room))
  }
}
