import Kernels

extension Tensor {
  /// The rows of a matrix at `indices`, repeats allowed: `[N, D] -> [n, D]`.
  ///
  /// - Gradient: rows of `dy` are added where they came from.
  /// - Traps when: an index leaves the matrix.
  public func gatheringRows(_ indices: [Int]) -> Tensor {
    precondition(rank == 2, "gatheringRows: needs a matrix, got shape \(shape)")
    let count = shape[0]
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < count }, "gatheringRows: an index leaves \(shape)")
    let (x, rowBytes) = (bytes, shape[1] * dtype.byteCount)
    var y = Tensor(uninitialized: [indices.count, shape[1]], dtype: dtype)
    y.updateBytes { y in
      for (i, index) in indices.enumerated() {
        (y + i * rowBytes).copyMemory(from: x + index * rowBytes, byteCount: rowBytes)
      }
    }
    return y.derived(from: edge { $0.scatteringRows(to: indices, count: count) })
  }

  /// Rows added into zeros at `indices`, in float32: `[n, D] -> [count, D]`; no history.
  private func scatteringRows(to indices: [Int], count: Int) -> Tensor {
    let width = shape[1]
    let rows = converted(to: .float32)
    defer { withExtendedLifetime(rows) {} }
    let source = rows.floats
    var result = Tensor.zeros([count, width])
    result.update { y in
      for (i, index) in indices.enumerated() {
        etude_accumulate(y.baseAddress! + index * width, source + i * width, 1, width)
      }
    }
    return result
  }

  /// The matrix with the rows at `indices` overwritten by one row: how masked frames get their
  /// embedding. `[N, D]` and `[D] -> [N, D]`.
  ///
  /// - Gradient: `dx` is `dy` without those rows, `drow` their sum.
  /// - Traps when: the widths differ or an index leaves the matrix.
  public func replacingRows(at indices: [Int], with row: Tensor) -> Tensor {
    precondition(
      rank == 2 && row.shape == [shape[1]],
      "replacingRows: a row \(row.shape) does not fit the matrix \(shape)")
    var y = detached()
    y.overwriteRows(at: indices, with: row)
    return y.derived(
      from: edge { [width = shape[1]] dy in
        var dx = dy.detached()
        dx.overwriteRows(at: indices, with: .zeros([width]))
        return dx
      },
      // A row named twice was replaced once.
      row.edge { dy in dy.gatheringRows(Set(indices).sorted()).sum(axis: 0) })
  }

  private mutating func overwriteRows(at indices: [Int], with row: Tensor) {
    let row = row.operand(as: dtype)
    let (source, shape, count) = (row.bytes, shape, shape[0])
    let rowBytes = shape[1] * dtype.byteCount
    updateBytes { y in
      for index in indices {
        precondition(
          index >= 0 && index < count, "replacingRows: index \(index) leaves \(shape)")
        (y + index * rowBytes).copyMemory(from: source, byteCount: rowBytes)
      }
    }
    withExtendedLifetime(row) {}
  }
}
