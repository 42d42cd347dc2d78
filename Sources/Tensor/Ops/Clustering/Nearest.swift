import Kernels

extension Tensor {
  /// The floats of scores that a core computes at once: they fit its second-level cache.
  private static let scoreBlock = 1 << 17

  /// The nearest row of `others` for each row of this matrix, and the squared distance to it.
  ///
  /// Computes `argmin_k ½|y_k|² - x · y_k`, a product and a scan. The distance is then computed
  /// from the difference `x - y_k`, which avoids cancellation. The results have no gradient.
  /// - Parameters:
  ///   - others: `[K, D]`, float32, like this matrix `[n, D]`.
  /// - Returns: The index of the nearest row, the lowest if several are equally near, and 0 for a
  ///   row with NaN; and the squared distances.
  /// - Complexity: `2 n K D` floating-point operations in products.
  /// - Traps when: the widths differ, or `others` is empty.
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

  /// Replaces every product `p_c · x_i` by the squared distance from `x_i` to its nearest centre,
  /// `before_i`, or to the candidate `p_c` if that is nearer:
  /// `min(before_i, max(0, |p_c|² + |x_i|² - 2 p_c · x_i))`.
  ///
  /// - Parameters:
  ///   - points: `|p_c|²`, one for each row of this `[C, n]`.
  ///   - squares: `|x_i|²`, `[n]`.
  ///   - before: The distances before the candidate is added, `[n]`.
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
