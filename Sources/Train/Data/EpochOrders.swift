import Synchronization
import Tensor

/// Keeps the orders of the last two epochs that samples asked for: a batch, or what is made ahead of it,
/// may lie in both.
final class EpochOrders: Sendable {
  private let latest = Mutex<[(epoch: Int, order: [Int])]>([])

  /// A permutation of `0..<count`, a function of seed and epoch.
  func order(epoch: Int, count: Int, seed: UInt64) -> [Int] {
    latest.withLock { latest in
      if let known = latest.first(where: { $0.epoch == epoch }) { return known.order }
      var stream = RandomStream(seed: seed, purpose: .order, sample: epoch)
      let order = Array(0..<count).shuffled(using: &stream)
      latest = latest.suffix(1) + [(epoch, order)]
      return order
    }
  }
}
