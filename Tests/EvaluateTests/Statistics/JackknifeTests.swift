import Evaluate
import Tensor
import Testing

/// What each part of the items adds to a score.
@Suite struct JackknifeTests {
  /// Where the score is a mean, a pseudo-value is what the item is worth.
  @Test func ofAMeanTheyAreTheItems() throws {
    let worths: [Double] = [1, 0, 0, 1, 0.5, 0.25]
    let values = try #require(Jackknife.pseudoValues(of: 6) { mean(worths, $0) })
    #expect(zip(values, worths).allSatisfy { abs(Double($0) - $1) < 1e-6 })
  }

  /// With more items than parts, a part is the mean of its items.
  @Test func partsTakeTurns() throws {
    let worths: [Double] = [1, 0, 3, 0, 5, 4]
    let values = try #require(Jackknife.pseudoValues(of: 6, parts: 3) { mean(worths, $0) })
    #expect(zip(values, [0.5, 2.5, 3.5]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// The items of a piece are left out together, so copies of an item tell no more than the item.
  @Test func piecesStayTogether() throws {
    let worths: [Double] = [1, 1, 0, 0, 3, 3]
    let values = try #require(
      Jackknife.pseudoValues(of: 6, in: [0, 0, 1, 1, 2, 2]) { mean(worths, $0) })
    #expect(zip(values, [1, 0, 3]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(values.count == 3)
  }

  /// Of a score that is no mean, their spread is near that of a bootstrap: here the mean over two classes of accuracy.
  @Test func theirVarianceIsNearThatOfABootstrap() throws {
    let isRight = (0..<150).map { $0 % 7 != 0 && $0 % 11 != 0 }
    func balanced(_ items: [Int]) -> Double {
      let parts = [items.filter { $0 % 3 == 0 }, items.filter { $0 % 3 != 0 }]
      return parts.map { part in mean(isRight.map { $0 ? 1 : 0 }, part) }.reduce(0, +) / 2
    }
    let values = try #require(Jackknife.pseudoValues(of: 150, score: balanced))
    let centre = values.reduce(0, +) / 150
    let variance = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Float(150 * 149)
    let drawn = try #require(
      Bootstrap.interval(of: 150, repeats: 2_000, score: balanced))
    let half = 1.96 * Double(variance.squareRoot())
    #expect(abs(half / ((drawn.upperBound - drawn.lowerBound) / 2) - 1) < 0.1)
  }

  @Test func withoutAScoreThereAreNone() {
    #expect(Jackknife.pseudoValues(of: 5) { $0.contains(3) ? 1 : .nan } == nil)
    #expect(Jackknife.pseudoValues(of: 1) { _ in 1 } == nil)
  }

  private func mean(_ values: [Double], _ items: [Int]) -> Double {
    items.reduce(0) { $0 + values[$1] } / Double(items.count)
  }
}
