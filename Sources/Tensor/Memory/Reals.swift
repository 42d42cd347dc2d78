import Foundation
import Kernels

/// Real numbers in memory, `float32` or `bfloat16`, that a kernel reads as floats.
struct Reals {
  let base: UnsafeRawPointer
  let dtype: DType

  /// The numbers from a later one on.
  static func + (reals: Reals, count: Int) -> Reals {
    Reals(base: reals.base + count * reals.dtype.byteCount, dtype: reals.dtype)
  }

  /// The elements, if they are of type `float32`.
  var float32: UnsafePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  /// The elements, if they are of type `bfloat16`.
  var bfloat16: UnsafePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// `count` numbers from `start` on: where they are, or widened into `buffer`.
  func floats(
    _ start: Int, _ count: Int, buffer: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    if dtype == .float32 { return float32 + start }
    etude_widen(buffer, bfloat16 + start, count)
    return UnsafePointer(buffer)
  }
}

/// Memory for real numbers, `float32` or `bfloat16`, that a kernel writes as floats.
struct MutableReals {
  let base: UnsafeMutableRawPointer
  let dtype: DType

  /// The numbers from a later one on.
  static func + (reals: MutableReals, count: Int) -> MutableReals {
    MutableReals(base: reals.base + count * reals.dtype.byteCount, dtype: reals.dtype)
  }

  /// The elements, if they are of type `float32`.
  var float32: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  /// The elements, if they are of type `bfloat16`.
  var bfloat16: UnsafeMutablePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// The same memory, to read.
  var reals: Reals { Reals(base: base, dtype: dtype) }

  /// Sets `count` numbers to 0.
  func zero(_ count: Int) { memset(base, 0, count * dtype.byteCount) }

  /// Where to write `count` numbers from `start` on: there, or in `buffer` until `store`.
  func place(_ start: Int, buffer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    dtype == .float32 ? float32 + start : buffer
  }

  /// Rounds what was written into `buffer`; nothing to do for floats.
  func store(_ start: Int, _ count: Int, buffer: UnsafePointer<Float>) {
    if dtype == .float32 { return }
    etude_narrow(bfloat16 + start, buffer, count)
  }
}

/// Numbers that a core converts at once: they stay in its first-level cache.
private let chunk = 1024

/// Cuts `0..<count` over the cores and into chunks; `body` gets each chunk's start and length and
/// `buffers` times room for its floats.
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

/// Cuts rows over the cores; `body` gets each row and `buffers` times room for its floats.
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
