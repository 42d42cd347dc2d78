import Foundation
import Testing
import Train

/// The order of an epoch, of which each place is computed alone.
@Suite struct EpochOrderTests {
  private func order(_ count: Int, seed: UInt64 = 7, epoch: Int = 0) -> [Int] {
    let order = EpochOrder.keyed.drawn(count: count, seed: seed)
    return (0..<count).map { order.item(at: $0, ofEpoch: epoch) }
  }

  @Test func everyItemComesOnce() {
    for count in Array(1...70) + [127, 128, 129, 1_000, 4_097, 65_536] {
      for epoch in [0, 1, 12_345] {
        #expect(order(count, epoch: epoch).sorted() == Array(0..<count), "\(count) items")
      }
    }
  }

  @Test func seedAndEpochDecide() {
    #expect(order(1_000) == order(1_000))
    #expect(order(1_000) != order(1_000, seed: 8))
    #expect(order(1_000) != order(1_000, epoch: 1))
    // About one item of a random permutation stays where it was, and one neighbour stays a neighbour.
    let first = order(1_000)
    #expect(zip(first, order(1_000, epoch: 1)).count { $0 == $1 } < 8)
    #expect(zip(first, first.dropFirst()).count { $1 == $0 + 1 } < 8)
  }

  /// Over many epochs every item comes equally often to every place, and every pair equally often first.
  @Test(arguments: [5, 12, 33])
  func everyItemComesToEveryPlace(count: Int) {
    let epochs = 6_000
    var counts = [Int](repeating: 0, count: count * count)
    var pairs = counts
    for epoch in 0..<epochs {
      let order = order(count, epoch: epoch)
      for (place, item) in order.enumerated() { counts[place * count + item] += 1 }
      pairs[order[0] * count + order[1]] += 1
    }
    let expected = Double(epochs) / Double(count)
    let square = counts.reduce(0.0) { $0 + pow(Double($1) - expected, 2) / expected }
    // A sum of χ² with (n - 1)² degrees of freedom: five standard deviations.
    let freedom = pow(Double(count - 1), 2)
    #expect(square < freedom + 5 * (2 * freedom).squareRoot(), "χ² is \(square) of \(freedom)")

    let pairExpected = Double(epochs) / Double(count * (count - 1))
    let pairSquare = pairs.enumerated().filter { $0.offset / count != $0.offset % count }
      .reduce(0.0) { $0 + pow(Double($1.element) - pairExpected, 2) / pairExpected }
    let pairFreedom = Double(count * (count - 1) - 1)
    #expect(pairSquare < pairFreedom + 5 * (2 * pairFreedom).squareRoot(), "χ² is \(pairSquare)")
  }

  /// 160,000 hours in crops of five seconds: no list of them is made.
  @Test func aLargeCollectionCostsNothing() {
    let count = 115_200_000
    let order = EpochOrder.keyed.drawn(count: count, seed: 1)
    var sum = 0.0
    let duration = ContinuousClock().measure {
      for place in 0..<10_000 {
        let item = order.item(at: place * 11_520, ofEpoch: 3)
        #expect((0..<count).contains(item))
        sum += Double(item) / Double(count)
      }
    }
    #expect(abs(sum / 10_000 - 0.5) < 5 * 0.2887 / 100, "items of the whole collection")
    #expect(duration < .seconds(1), "10,000 places took \(duration)")
  }
}
