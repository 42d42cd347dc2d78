import Kernels

extension Tensor {
  /// The rows of a matrix at `indices`, which may repeat: `[N, D] -> [n, D]`.
  ///
  /// - Gradient: each row of `dy` is added to the row that it was copied from.
  /// - Traps when: an index is out of range.
  public func gatheringRows(_ indices: [Int]) -> Tensor {
    precondition(rank == 2, "gatheringRows: needs a matrix, got shape \(shape)")
    let count = shape[0]
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < count },
      "gatheringRows: an index is not a row of \(shape)")
    let (x, rowBytes) = (bytes, shape[1] * dtype.byteCount)
    var y = Tensor(uninitialized: [indices.count, shape[1]], dtype: dtype)
    y.updateBytes { y in
      for (i, index) in indices.enumerated() {
        (y + i * rowBytes).copyMemory(from: x + index * rowBytes, byteCount: rowBytes)
      }
    }
    return y.derived(from: edge { $0.scatteringRows(to: indices, count: count) })
  }

  /// A matrix with these rows at `indices` and zeros in the others: `[n, D] -> [count, D]`.
  ///
  /// - Gradient: the rows of `dy` at `indices`.
  /// - Traps when: there is not one index a row, an index is out of range, or two are equal.
  public func placingRows(at indices: [Int], of count: Int) -> Tensor {
    precondition(
      rank == 2 && shape[0] == indices.count,
      "placingRows: \(indices.count) indices for shape \(shape)")
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < count } && Set(indices).count == indices.count,
      "placingRows: the indices are not different rows of \(count)")
    let (x, rowBytes) = (bytes, shape[1] * dtype.byteCount)
    var y = Tensor.zeros([count, shape[1]], dtype: dtype)
    y.updateBytes { y in
      for (i, index) in indices.enumerated() {
        (y + index * rowBytes).copyMemory(from: x + i * rowBytes, byteCount: rowBytes)
      }
    }
    return y.derived(from: edge { $0.gatheringRows(indices) })
  }

  /// Adds rows to zeros at `indices`, in float32: `[n, D] -> [count, D]`; untracked.
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

  /// The matrix with the rows at `indices` replaced by one row, as a mask embedding replaces masked
  /// frames. `[N, D]` and `[D] -> [N, D]`.
  ///
  /// - Gradient: `dx` is `dy` with zeros in the replaced rows; `drow` is the sum of `dy` over the
  ///   replaced rows.
  /// - Traps when: the widths differ, or an index is out of range.
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
      // A repeated index counts once.
      row.edge { dy in dy.gatheringRows(Set(indices).sorted()).sum(axis: 0) })
  }

  private mutating func overwriteRows(at indices: [Int], with row: Tensor) {
    let row = row.operand(as: dtype)
    let (source, shape, count) = (row.bytes, shape, shape[0])
    let rowBytes = shape[1] * dtype.byteCount
    updateBytes { y in
      for index in indices {
        precondition(
          index >= 0 && index < count, "replacingRows: index \(index) is not a row of \(shape)")
        (y + index * rowBytes).copyMemory(from: source, byteCount: rowBytes)
      }
    }
    withExtendedLifetime(row) {}
  }
}
