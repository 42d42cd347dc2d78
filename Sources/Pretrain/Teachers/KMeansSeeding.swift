import Foundation
import Tensor

/// Greedy k-means++: each next centroid is a frame drawn with a chance in proportion to its squared
/// distance from the centroids so far, the best of `2 + ⌊ln K⌋` such draws.
///
/// Source: Arthur and Vassilvitskii 2007, with the greedy choice of scikit-learn.
struct KMeansSeeding {
  /// The frames to seed among, `[n, D]`.
  private let frames: Tensor
  private let squaredNorms: [Float]
  private let trials: Int
  private let origin: [Float]

  init(among frames: Tensor, clusters: Int) {
    self.frames = frames
    squaredNorms = frames.squaredRowNorms()
    trials = 2 + Int(log(Double(clusters)))
    origin = Array(repeating: 0, count: frames.shape[1])
  }

  /// Centroids to start from, `[clusters, D]`.
  func centroids(_ clusters: Int, using stream: inout RandomStream) -> Tensor {
    var chosen = [Int.random(in: 0..<squaredNorms.count, using: &stream)]
    var closest = best(of: chosen, within: nil).distances
    while chosen.count < clusters {
      let candidates = draw(by: closest, using: &stream)
      let next = best(of: candidates, within: closest)
      chosen.append(next.frame)
      closest = next.distances
    }
    return frames.rows(chosen, minus: origin)
  }

  /// Frames drawn with a chance in proportion to `weights`.
  private func draw(by weights: [Float], using stream: inout RandomStream) -> [Int] {
    var total = 0.0
    let cumulative = weights.map { weight in
      total += Double(weight)
      return total
    }
    return (0..<trials).map { _ in
      let threshold = Double.random(in: 0..<1, using: &stream) * total
      return min(cumulative.firstIndex(above: threshold), weights.count - 1)
    }
  }

  /// The candidate that leaves the least distance in total, with what it leaves to each frame.
  private func best(
    of candidates: [Int], within closest: [Float]?
  ) -> (frame: Int, distances: [Float]) {
    let products = frames.rows(candidates, minus: origin).matmul(frames, transposingRight: true)
    let n = squaredNorms.count
    var distances = [Float](repeating: 0, count: candidates.count * n)
    var totals = [Double](repeating: 0, count: candidates.count)
    distances.withUnsafeMutableBufferPointer { distances in
      totals.withUnsafeMutableBufferPointer { totals in
        products.read { products in
          Cores.parallel(candidates.count) { range in
            for c in range {
              let norm = squaredNorms[candidates[c]]
              for i in 0..<n {
                let distance = max(0, norm + squaredNorms[i] - 2 * products[c * n + i])
                let left = min(distance, closest?[i] ?? .infinity)
                distances[c * n + i] = left
                totals[c] += Double(left)
              }
            }
          }
        }
      }
    }
    let winner = totals.indices.min { totals[$0] < totals[$1] }!
    return (candidates[winner], Array(distances[winner * n..<(winner + 1) * n]))
  }
}

extension [Double] {
  /// The first index whose value exceeds `threshold`, of ascending values; `count` if none does.
  fileprivate func firstIndex(above threshold: Double) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] > threshold { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
