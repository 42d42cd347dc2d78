import Evaluate
import Testing

@Suite struct BootstrapTests {
  private func mean(_ values: [Double], _ items: [Int]) -> Double {
    items.reduce(0) { $0 + values[$1] } / Double(items.count)
  }

  /// The items of a piece are drawn together, so copies of an item tell no more than the item.
  @Test func piecesStayTogether() throws {
    let worths = (0..<40).map { Double($0 * $0 % 17) }
    let alone = try #require(Bootstrap.interval(of: 40) { mean(worths, $0) })
    let copies = worths.flatMap { [$0, $0, $0] }
    let together = try #require(
      Bootstrap.interval(of: 120, in: (0..<120).map { $0 / 3 }) { mean(copies, $0) })
    #expect(alone == together)
    let apart = try #require(Bootstrap.interval(of: 120) { mean(copies, $0) })
    let widths = [apart, alone].map { $0.upperBound - $0.lowerBound }
    #expect((0.4...0.8).contains(widths[0] / widths[1]))
  }

  /// 1.96 standard errors to either side, for a mean over many items.
  @Test func itsWidthIsThatOfTheNormal() throws {
    let worths = (0..<400).map { Double($0 % 2) }
    let interval = try #require(
      Bootstrap.interval(of: 400, repeats: 2_000) { mean(worths, $0) })
    #expect(abs(interval.upperBound - interval.lowerBound - 2 * 1.96 * 0.5 / 20) < 0.01)
  }

  @Test func withoutAScoreThereIsNone() {
    #expect(Bootstrap.interval(of: 5) { $0.contains(3) ? .nan : 1 } == nil)
  }
}
