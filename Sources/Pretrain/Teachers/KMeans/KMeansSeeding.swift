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
    let none = [Float](repeating: .infinity, count: squaredNorms.count)
    var closest = best(of: chosen, within: none).distances
    while chosen.count < clusters {
      let candidates = draw(by: closest, using: &stream)
      let next = best(of: candidates, within: closest)
      chosen.append(next.frame)
      closest = next.distances
    }
    return frames.rows(chosen, minus: origin)
  }

  /// Weights that are added up before one is looked for among them.
  private static let block = 256

  /// Frames drawn with a chance in proportion to `weights`.
  private func draw(by weights: [Float], using stream: inout RandomStream) -> [Int] {
    var total = 0.0
    let ends = stride(from: 0, to: weights.count, by: Self.block).map { start in
      total += Double(weights[start..<min(start + Self.block, weights.count)].sum)
      return total
    }
    return (0..<trials).map { _ in
      let threshold = Double.random(in: 0..<1, using: &stream) * total
      let block = min(ends.firstIndex(above: threshold), ends.count - 1)
      var rest = threshold - (block == 0 ? 0 : ends[block - 1])
      let range = block * Self.block..<min((block + 1) * Self.block, weights.count)
      for i in range {
        rest -= Double(weights[i])
        if rest < 0 { return i }
      }
      return range.upperBound - 1
    }
  }

  /// The candidate that leaves the least distance in total, with what it leaves to each frame.
  private func best(
    of candidates: [Int], within closest: [Float]
  ) -> (frame: Int, distances: [Float]) {
    var distances = frames.rows(candidates, minus: origin).matmul(frames, transposingRight: true)
    let totals = distances.becomeSquaredDistances(
      points: candidates.map { squaredNorms[$0] }, squares: squaredNorms, before: closest)
    let winner = totals.indices.min { totals[$0] < totals[$1] }!
    let n = squaredNorms.count
    return (candidates[winner], distances.read { Array($0[winner * n..<(winner + 1) * n]) })
  }
}

extension ArraySlice<Float> {
  /// The sum, eight at a time.
  fileprivate var sum: Float {
    withUnsafeBufferPointer { x in
      var lanes = SIMD8<Float>()
      let whole = x.count / 8 * 8
      for i in stride(from: 0, to: whole, by: 8) {
        lanes += UnsafeRawPointer(x.baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self)
      }
      return x[whole...].reduce(lanes.sum(), +)
    }
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
