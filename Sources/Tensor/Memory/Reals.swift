import Foundation
import Kernels

/// Real numbers in memory, `float32` or `bfloat16`; kernels read them as floats.
struct Reals {
  let base: UnsafeRawPointer
  let dtype: DType

  /// The numbers from position `count` on.
  static func + (reals: Reals, count: Int) -> Reals {
    Reals(base: reals.base + count * reals.dtype.byteCount, dtype: reals.dtype)
  }

  /// The elements, if they are of type `float32`.
  var float32: UnsafePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  /// The elements, if they are of type `bfloat16`.
  var bfloat16: UnsafePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// `count` numbers from `start` on: a pointer to them if they are `float32`, else to a widened
  /// copy in `buffer`.
  func floats(
    _ start: Int, _ count: Int, buffer: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    if dtype == .float32 { return float32 + start }
    etude_widen(buffer, bfloat16 + start, count)
    return UnsafePointer(buffer)
  }
}

/// Memory for real numbers, `float32` or `bfloat16`; kernels write floats.
struct MutableReals {
  let base: UnsafeMutableRawPointer
  let dtype: DType

  /// The numbers from position `count` on.
  static func + (reals: MutableReals, count: Int) -> MutableReals {
    MutableReals(base: reals.base + count * reals.dtype.byteCount, dtype: reals.dtype)
  }

  /// The elements, if they are of type `float32`.
  var float32: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  /// The elements, if they are of type `bfloat16`.
  var bfloat16: UnsafeMutablePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// The same memory, read-only.
  var reals: Reals { Reals(base: base, dtype: dtype) }

  /// Sets `count` numbers to 0.
  func zero(_ count: Int) { memset(base, 0, count * dtype.byteCount) }

  /// Where a kernel writes `count` numbers from `start` on: in place if they are `float32`, else in
  /// `buffer`, from which `store` rounds them.
  func place(_ start: Int, buffer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    dtype == .float32 ? float32 + start : buffer
  }

  /// Rounds the floats in `buffer` into place; does nothing for `float32`.
  func store(_ start: Int, _ count: Int, buffer: UnsafePointer<Float>) {
    if dtype == .float32 { return }
    etude_narrow(bfloat16 + start, buffer, count)
  }
}

/// The numbers that a core converts at once: they fit its first-level cache.
private let chunk = 1024

/// Cuts `0..<count` over the cores and into chunks. `body` gets the start and length of a chunk,
/// and `buffers` buffers with room for its floats.
func forEachChunk(
  _ count: Int, buffers: Int,
  _ body: (_ start: Int, _ count: Int, _ buffers: [UnsafeMutablePointer<Float>]) -> Void
) {
  Cores.parallel(count, grain: elementGrain) { range in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: buffers * chunk) { memory in
      let room = (0..<buffers).map { memory.baseAddress! + $0 * chunk }
      for start in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
        body(start, min(chunk, range.upperBound - start), room)
      }
    }
  }
}

/// Cuts rows over the cores. `body` gets the number of a row, and `buffers` buffers with room for
/// its floats.
func forEachRow(
  _ rows: Int, width: Int, buffers: Int,
  _ body: (_ row: Int, _ buffers: [UnsafeMutablePointer<Float>]) -> Void
) {
  Cores.parallel(rows, grain: max(1, elementGrain / max(1, width))) { range in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, buffers * width)) { memory in
      let room = (0..<buffers).map { memory.baseAddress! + $0 * width }
      for row in range { body(row, room) }
    }
  }
}
