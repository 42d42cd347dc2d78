import Kernels

extension Tensor {
  /// `combined(with:)`, summed over the axes along which `target` was repeated, in `float32` if
  /// there are any. It gives the gradient of a repeated operand without making the full-size
  /// product. The bits are those of the sum of the full-size tensor.
  func combined(
    with other: Tensor, summedTo target: Shape, _ kernel: @escaping BinaryKernel
  ) -> Tensor {
    let axes = shape.axes(repeating: target)
    guard let last = axes.first else { return combined(with: other, kernel) }
    let combination = Combination(self, other, at: shape, kernel)
    let sums = Tensor.filled(shape.removing(axis: last)) { y in
      combination.sum(shape: shape, axis: last, into: y)
    }
    return axes.dropFirst().reduce(sums) { $0.sum(axis: $1) }.reshaped(target)
  }
}

/// The numbers of a row, and the rows, that are summed in float before the sums are added in
/// double. They must equal the blocks of `etude_sum` and `etude_sum_rows`.
private let rowBlock = 256
private let columnBlock = 128
/// The elements that are computed at once: they fit a core's cache.
private let tile = 16384

extension Combination {
  fileprivate func sum(shape: Shape, axis: Int, into y: UnsafeMutablePointer<Float>) {
    let length = shape[axis]
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    if inner == 1 {
      sumRows(outer, of: length, into: y)
    } else {
      sumColumns(outer, rows: length, columns: inner, into: y)
    }
  }

  /// Sums each row. A tile is a few rows, or a part of one row.
  private func sumRows(_ rows: Int, of length: Int, into y: UnsafeMutablePointer<Float>) {
    let blocks = length.parts(of: rowBlock)
    let across = length.parts(of: tile)
    let height = max(1, tile / max(1, length))
    sum(outer: rows, blocks: blocks, inner: 1, into: y) { sums in
      inTiles(rows.parts(of: height) * across) { i, numbers, buffers in
        let (row, column) = (i / across * height, i % across * tile)
        let (count, width) = (min(height, rows - row), min(tile, length - column))
        write(row * length + column, count * width, into: numbers, buffers: buffers)
        let floats = numbers.reals.floats(0, count * width, buffer: buffers[0])
        for r in 0..<count {
          for start in stride(from: 0, to: width, by: rowBlock) {
            sums[(row + r) * blocks + (column + start) / rowBlock] = Float(
              etude_sum(floats + r * width + start, min(rowBlock, width - start)))
          }
        }
      }
    }
  }

  /// Sums each column of each matrix. A tile is a block of rows and a range of columns of one
  /// matrix.
  private func sumColumns(
    _ matrices: Int, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>
  ) {
    let blocks = rows.parts(of: columnBlock)
    let wide = tile / columnBlock
    let across = columns.parts(of: wide)
    sum(outer: matrices, blocks: blocks, inner: columns, into: y) { sums in
      inTiles(matrices * blocks * across) { i, numbers, buffers in
        let (block, column) = (i / across, i % across * wide)
        let first = block / blocks * rows + block % blocks * columnBlock
        let count = min(columnBlock, rows - block % blocks * columnBlock)
        let width = min(wide, columns - column)
        let runs = width == columns ? 1 : count
        for r in 0..<runs {
          write(
            (first + r) * columns + column, count * width / runs, into: numbers + r * width,
            buffers: buffers)
        }
        let to = sums + block * columns + column
        to.update(repeating: 0, count: width)
        numbers.reals.sumRows(into: to, rows: count, columns: width, stride: width)
      }
    }
  }

  private func inTiles(
    _ count: Int,
    _ body: (_ index: Int, _ numbers: MutableReals, [UnsafeMutablePointer<Float>]) -> Void
  ) {
    Cores.parallel(count, grain: 1) { range in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * tile) { memory in
        let room = (0..<4).map { memory.baseAddress! + $0 * tile }
        let numbers = MutableReals(base: room[3], dtype: dtype)
        for i in range { body(i, numbers, room) }
      }
    }
  }

  /// `y[o, i] = Σ_b sums[o, b, i]`, added in double; `fill` writes the sums of blocks.
  private func sum(
    outer: Int, blocks: Int, inner: Int, into y: UnsafeMutablePointer<Float>,
    _ fill: (_ sums: UnsafeMutablePointer<Float>) -> Void
  ) {
    let sums = Tensor.filled([outer, blocks, inner], by: fill)
    sums.read { sums in
      Cores.parallel(outer * inner, grain: max(1, elementGrain / max(1, blocks))) { range in
        for i in range {
          let first = i / inner * blocks * inner + i % inner
          y[i] = Float((0..<blocks).reduce(0.0) { $0 + Double(sums[first + $1 * inner]) })
        }
      }
    }
  }
}

extension Int {
  /// The number of parts of length `length` that cover this number of items.
  fileprivate func parts(of length: Int) -> Int { (self + length - 1) / length }
}
