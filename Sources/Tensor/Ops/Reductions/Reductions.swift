import Kernels

extension Tensor {
  /// The sum of all elements, a `float32` scalar, accumulated in double. Gradient: `dx = dy` for
  /// every element.
  public func sum() -> Tensor {
    let total = summed()
    return Tensor(Float(total)).derived(from: edge { [shape] dy in .full(shape, dy.scalar) })
  }

  /// The mean of all elements, a scalar.
  /// - Traps when: there are no elements.
  public func mean() -> Tensor {
    precondition(elementCount > 0, "mean: of no elements, shape \(shape)")
    return sum() / Float(elementCount)
  }

  /// The sum along one axis (a negative axis counts from the end), of type `float32`. The axis is
  /// removed or keeps length 1.
  ///
  /// - Gradient: `dx = dy`, repeated along the axis.
  public func sum(axis: Int, keepingDims: Bool = false) -> Tensor {
    let axis = shape.index(ofAxis: axis)
    let kept = shape.replacing(axis: axis, with: 1)
    let result = summing(axis: axis)
      .derived(from: edge { [shape] dy in dy.reshaped(kept).repeated(to: shape) })
    return keepingDims ? result.reshaped(kept) : result
  }

  /// The mean along one axis.
  /// - Traps when: the axis has length 0.
  public func mean(axis: Int, keepingDims: Bool = false) -> Tensor {
    let length = shape[shape.index(ofAxis: axis)]
    precondition(length > 0, "mean: of no elements, axis \(axis) of shape \(shape)")
    return sum(axis: axis, keepingDims: keepingDims) / Float(length)
  }

  /// The biased variance along one axis, as layer norm uses it: the mean squared distance from the
  /// mean.
  ///
  /// - Traps when: the axis is empty.
  public func variance(axis: Int, keepingDims: Bool = false) -> Tensor {
    (self - mean(axis: axis, keepingDims: true)).squared()
      .mean(axis: axis, keepingDims: keepingDims)
  }

  /// The biased variance of all elements, a scalar.
  public func variance() -> Tensor { reshaped([elementCount]).variance(axis: 0) }

  /// The sum in double. Chunks do not depend on the number of threads.
  private func summed() -> Double {
    let (x, chunk) = (reals, 1 << 14)
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: chunk) { buffer in
      stride(from: 0, to: elementCount, by: chunk).reduce(0) { total, start in
        let count = min(chunk, elementCount - start)
        return total + etude_sum(x.floats(start, count, buffer: buffer.baseAddress!), count)
      }
    }
  }

  private func summing(axis: Int) -> Tensor {
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    return .filled(shape.removing(axis: axis)) { y in
      if inner == 1 {
        sumRows(outer, of: length, into: y)
      } else {
        sumColumns(outer, rows: length, columns: inner, into: y)
      }
    }
  }

  private func sumRows(_ count: Int, of length: Int, into y: UnsafeMutablePointer<Float>) {
    let x = reals
    forEachRow(count, width: length, buffers: 1) { row, room in
      y[row] = Float(etude_sum(x.floats(row * length, length, buffer: room[0]), length))
    }
  }

  /// Sums over the rows of `count` matrices. Work is cut over matrices and blocks of columns.
  private func sumColumns(
    _ count: Int, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>
  ) {
    let x = reals
    let blocks = (columns + Self.columnBlock - 1) / Self.columnBlock
    let grain = max(1, elementGrain / max(1, rows * Self.columnBlock))
    Cores.parallel(count * blocks, grain: grain) { range in
      for i in range {
        let (matrix, first) = (i / blocks, i % blocks * Self.columnBlock)
        let width = min(Self.columnBlock, columns - first)
        let sums = y + matrix * columns + first
        sums.update(repeating: 0, count: width)
        (x + (matrix * rows * columns + first)).sumRows(
          into: sums, rows: rows, columns: width, stride: columns)
      }
    }
  }

  /// The columns that are summed together: a few cache lines of every row.
  private static let columnBlock = 64
}

extension Reals {
  /// `sums += Σ_rows`, where rows are `stride` elements apart.
  func sumRows(
    into sums: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int
  ) {
    if dtype == .float32 {
      etude_sum_rows(sums, float32, rows, columns, stride)
    } else {
      etude_sum_rows_bfloat(sums, bfloat16, rows, columns, stride)
    }
  }
}
