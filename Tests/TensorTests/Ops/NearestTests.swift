import Tensor
import TestSupport
import Testing

@Suite struct NearestTests {
  /// `n, K, D`: fewer and more others than a register holds, several blocks.
  @Test(arguments: [[1, 1, 1], [7, 5, 3], [300, 70, 39], [900, 513, 8]])
  func equalsTheDefinition(sizes: [Int]) {
    let (x, y) = (
      Tensor.normal([sizes[0], sizes[2]], seed: 1), Tensor.normal([sizes[1], sizes[2]], seed: 2)
    )
    let (a, b, width) = (x.scalars, y.scalars, sizes[2])
    let found = x.nearest(among: y)
    for i in 0..<sizes[0] {
      let distances = (0..<sizes[1]).map { k in
        (0..<width).reduce(0.0) {
          let d = Double(a[i * width + $1]) - Double(b[k * width + $1])
          return $0 + d * d
        }
      }
      let least = distances.min()!
      // Another one as near as rounding tells is right, too.
      #expect(distances[Int(found.rows[i])] <= least * (1 + 1e-5))
      #expect(abs(Double(found.squaredDistances[i]) - least) <= 1e-4 * max(least, 1e-3))
    }
  }

  @Test func theLowestAmongEquals() {
    let x = Tensor([1, 1, .nan, 0], shape: [2, 2])
    let y = Tensor([5, 5, 1, 0, 0, 1, 1, 0], shape: [4, 2])
    #expect(x.nearest(among: y).rows == [1, 0])
  }

  @Test func distancesShrinkOnly() {
    let (points, x) = (
      Tensor([0, 0, 3, 4], shape: [2, 2]), Tensor([3, 4, 6, 8, 0, 1], shape: [3, 2])
    )
    var distances = points.matmul(x, transposingRight: true)
    let sums = distances.becomeSquaredDistances(
      points: [0, 25], squares: [25, 100, 1], before: [.infinity, 30, 0.5])
    #expect(distances.scalars == [25, 30, 0.5, 0, 25, 0.5])
    #expect(sums == [55.5, 25.5])
  }
}
