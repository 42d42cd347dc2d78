import Cluster

/// Which batches of a run a rank computes: of each step a block, in order.
struct BatchDeal: Sendable {
  private let perStep: Int
  private let own: Range<Int>

  /// - Parameters:
  ///   - perStep: The batches of a step, over all ranks.
  ///   - ranks: The ranks.
  init(of perStep: Int, among ranks: Ranks = .alone) {
    (self.perStep, own) = (perStep, ranks.share(of: perStep))
  }

  /// The batches that this rank computes after one of its own: the next of its block, then that of the next step.
  func following(_ number: Int, count: Int) -> [Int] {
    var (numbers, number) = ([Int](), number)
    for _ in 0..<count {
      let step = number / perStep
      let isLast = number - step * perStep + 1 >= own.upperBound
      number = isLast ? (step + 1) * perStep + own.lowerBound : number + 1
      numbers.append(number)
    }
    return numbers
  }
}
