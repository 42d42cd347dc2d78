import Kernels

extension Tensor {
  /// Floats of scores that a core makes at once: they stay in its second-level cache.
  private static let scoreBlock = 1 << 17

  /// The nearest row of `others` for each of these rows, and the squared distance to it.
  ///
  /// By `argmin_k ½|y_k|² - x · y_k`, a product and a scan; the distance is then taken from the
  /// difference, which has no cancellation. No history.
  /// - Parameters:
  ///   - others: `[K, D]`, float32 as these rows `[n, D]`.
  /// - Returns: The number of the nearest row, the lowest among equals and 0 for a row with NaN.
  /// - Complexity: `2 n K D` floating-point operations in products.
  /// - Traps when: the widths differ, or there is no other row.
  public func nearest(among others: Tensor) -> (rows: [Int32], squaredDistances: [Float]) {
    precondition(
      rank == 2 && others.rank == 2 && shape[1] == others.shape[1] && others.shape[0] > 0,
      "nearest: rows of \(shape) do not compare with those of \(others.shape)")
    let (n, k, width) = (shape[0], others.shape[0], shape[1])
    let (x, y) = (floats, others.floats)
    let halves = (0..<k).map { Float(etude_sum_squares(y + $0 * width, width) / 2) }
    var (rows, distances) = ([Int32](repeating: 0, count: n), [Float](repeating: 0, count: n))
    let block = max(16, Self.scoreBlock / k)
    let packed = others.packed(inner: width, rows: n, as: .float32)
    rows.withUnsafeMutableBufferPointer { rows in
      distances.withUnsafeMutableBufferPointer { distances in
        Cores.forEach((n + block - 1) / block) { i in
          let first = i * block
          let count = min(block, n - first)
          let scores = Tensor.filled([count, k]) { scores in
            let frames = MatrixView(base: x + first * width, stride: width)
            if let packed {
              let target = MatrixTarget(MutableReals(base: scores, dtype: .float32), stride: k)
              return packed.product(count, frames, into: target, bias: nil, activating: false)
            }
            Products.serial(
              count, k, width, frames,
              MatrixView(base: y, stride: width, transposed: true), into: scores, stride: k)
          }
          for row in 0..<count {
            let found = etude_argmin_difference(halves, scores.floats + row * k, k)
            rows[first + row] = Int32(found)
            distances[first + row] = etude_squared_distance(
              x + (first + row) * width, y + found * width, width)
          }
        }
      }
    }
    return (rows, distances)
  }

  /// From products with some points to squared distances, none of which may grow:
  /// `min(before_i, max(0, |p_c|² + |x_i|² - 2 p_c · x_i))`, in place of `p_c · x_i`.
  ///
  /// - Parameters:
  ///   - points: The points' squared norms, one for each row of these `[C, n]`.
  ///   - squares: `|x_i|²`, `[n]`.
  ///   - before: The distances so far, `[n]`.
  /// - Returns: The sum of each row.
  /// - Traps when: the lengths differ.
  public mutating func becomeSquaredDistances(
    points: [Float], squares: [Float], before: [Float]
  ) -> [Double] {
    let n = squares.count
    precondition(
      shape == [points.count, n] && before.count == n,
      "becomeSquaredDistances: \(points.count) points and \(before.count) distances of \(shape)")
    var sums = [Double](repeating: 0, count: points.count)
    update { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        Cores.parallel(points.count, grain: max(1, elementGrain / max(1, n))) { range in
          for c in range {
            sums[c] = etude_lessened_distances(
              rows.baseAddress! + c * n, squares, points[c], before, n)
          }
        }
      }
    }
    return sums
  }
}
