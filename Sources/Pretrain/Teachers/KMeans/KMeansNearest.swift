import Tensor

/// The nearest of some centroids for each of some frames.
struct NearestCentroids {
  /// The number of the nearest centroid, the lowest among equals.
  let codes: [Int32]
  /// The squared distances to it.
  let squaredDistances: [Float]

  var totalSquaredDistance: Double { squaredDistances.reduce(0) { $0 + Double($1) } }

  /// - Parameters:
  ///   - frames: `[n, D]`.
  ///   - centroids: `[K, D]`.
  init(of frames: Tensor, among centroids: Tensor) {
    (codes, squaredDistances) = frames.nearest(among: centroids)
  }
}

extension Tensor {
  /// The rows of these numbers of `[N, D]`, each less `origin`: `[n, D]`.
  func rows(_ numbers: some RandomAccessCollection<Int>, minus origin: [Float]) -> Tensor {
    let numbers = Array(numbers)
    let width = shape[1]
    return Tensor(shape: [numbers.count, width]) { (out: UnsafeMutableBufferPointer<Float>) in
      read { x in
        Cores.parallel(numbers.count, grain: 64) { range in
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
