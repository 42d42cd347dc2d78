import Tensor

/// The nearest of some centroids for each of some frames.
struct NearestCentroids {
  /// The number of the nearest centroid, the lowest among equals.
  let codes: [Int32]
  /// The squared distances to it.
  let squaredDistances: [Float]

  var totalSquaredDistance: Double { squaredDistances.reduce(0) { $0 + Double($1) } }

  /// By `argmin_k ½|c_k|² - x·c_k`, one product and one scan; the distance itself is then taken
  /// from the difference, which has no cancellation.
  ///
  /// - Parameters:
  ///   - frames: `[n, D]`.
  ///   - centroids: `[K, D]`.
  init(of frames: Tensor, among centroids: Tensor) {
    let (n, width) = (frames.shape[0], frames.shape[1])
    let halfNorms = centroids.squaredRowNorms().map { $0 / 2 }
    let products = frames.matmul(centroids, transposingRight: true)  // [n, K]
    var codes = [Int32](repeating: 0, count: n)
    var distances = [Float](repeating: 0, count: n)
    codes.withUnsafeMutableBufferPointer { codes in
      distances.withUnsafeMutableBufferPointer { distances in
        frames.read { x in
          centroids.read { c in
            products.read { scores in
              Cores.parallel(n, grain: 64) { range in
                for i in range {
                  let row = i * halfNorms.count
                  let code = halfNorms.indices.argmin { halfNorms[$0] - scores[row + $0] }
                  codes[i] = Int32(code)
                  distances[i] = squaredDistance(
                    x[i * width..<(i + 1) * width], c[code * width..<(code + 1) * width])
                }
              }
            }
          }
        }
      }
    }
    (self.codes, squaredDistances) = (codes, distances)
  }
}

extension Range<Int> {
  /// Where `value` is smallest, the first of equals.
  fileprivate func argmin(_ value: (Int) -> Float) -> Int {
    var (best, smallest) = (lowerBound, Float.infinity)
    for i in self {
      let candidate = value(i)
      if candidate < smallest { (best, smallest) = (i, candidate) }
    }
    return best
  }
}

private func squaredDistance(
  _ x: Slice<UnsafeBufferPointer<Float>>, _ y: Slice<UnsafeBufferPointer<Float>>
) -> Float {
  var sum: Float = 0
  for (i, j) in zip(x.indices, y.indices) {
    let difference = x[i] - y[j]
    sum += difference * difference
  }
  return sum
}

extension Tensor {
  /// The rows of these numbers of `[N, D]`, each less `origin`: `[n, D]`.
  func rows(_ numbers: some RandomAccessCollection<Int>, minus origin: [Float]) -> Tensor {
    let numbers = Array(numbers)
    let width = shape[1]
    return Tensor(shape: [numbers.count, width]) { (out: UnsafeMutableBufferPointer<Float>) in
      read { x in
        Cores.parallel(numbers.count, grain: 256) { range in
          for i in range {
            let row = numbers[i] * width
            for d in 0..<width { out[i * width + d] = x[row + d] - origin[d] }
          }
        }
      }
    }
  }

  /// The mean of each column of `[N, D]`.
  func columnMeans() -> [Float] {
    let width = shape[1]
    var sums = [Double](repeating: 0, count: width)
    read { x in
      for row in stride(from: 0, to: elementCount, by: width) {
        for d in 0..<width { sums[d] += Double(x[row + d]) }
      }
    }
    return sums.map { Float($0 / Double(shape[0])) }
  }

  /// `Σ_d x_d²` of each row of `[N, D]`.
  func squaredRowNorms() -> [Float] {
    let width = shape[1]
    return read { x in
      (0..<shape[0]).map { row in
        (row * width..<(row + 1) * width).reduce(Float(0)) { $0 + x[$1] * x[$1] }
      }
    }
  }
}
