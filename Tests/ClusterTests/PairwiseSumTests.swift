import Cluster
import Testing

/// The order in which terms are added.
@Suite struct PairwiseSumTests {
  /// A sum in words.
  private func words(_ terms: [String]) -> String? {
    var sum = PairwiseSum<String>()
    for term in terms { sum.add(term) { $0 = "(\($0)+\($1))" } }
    return sum.takeTotal { $0 = "(\($0)+\($1))" }
  }

  private func letters(_ count: Int) -> [String] {
    "abcdefghijkl".prefix(count).map(String.init)
  }

  @Test(arguments: [
    (1, "a"), (2, "(a+b)"), (3, "((a+b)+c)"), (4, "((a+b)+(c+d))"), (6, "(((a+b)+(c+d))+(e+f))"),
    (7, "(((a+b)+(c+d))+((e+f)+g))"),
  ])
  func termsPairUp(count: Int, words: String) { #expect(self.words(letters(count)) == words) }

  @Test func nothingHasNoSum() {
    var sum = PairwiseSum<String>()
    #expect(sum.takeTotal { $0 += $1 } == nil)
  }

  /// Blocks of a power of two.
  @Test(arguments: [(8, 2), (8, 4), (8, 8), (12, 3), (12, 6), (12, 12), (6, 3), (5, 5)])
  func ranksAddAsOneProcess(count: Int, ranks: Int) {
    let size = count / ranks
    let blocks = (0..<ranks).map { words(Array(letters(count)[$0 * size..<($0 + 1) * size]))! }
    #expect(words(blocks) == words(letters(count)))
  }

  @Test func atMostSoManySumsWait() {
    for count in 1...40 {
      var (sum, most) = (PairwiseSum<Int>(), 0)
      for term in 0..<count {
        most = max(most, sum.levels.count { $0 != nil })
        sum.add(term) { $0 += $1 }
      }
      #expect(most == PairwiseSum<Int>.mostLevels(of: count), "\(count) terms")
      #expect(sum.takeTotal { $0 += $1 } == count * (count - 1) / 2)
    }
  }
}
