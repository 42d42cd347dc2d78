import Synchronization
import Tensor

/// Keeps the order of the current epoch, which every sample of it asks for.
final class EpochOrders: Sendable {
  private let latest = Mutex<(epoch: Int, order: [Int])?>(nil)

  /// A permutation of `0..<count`, a function of seed and epoch.
  func order(epoch: Int, count: Int, seed: UInt64) -> [Int] {
    latest.withLock { latest in
      if let latest, latest.epoch == epoch { return latest.order }
      var stream = RandomStream(seed: seed, purpose: .order, sample: epoch)
      let order = Array(0..<count).shuffled(using: &stream)
      latest = (epoch, order)
      return order
    }
  }
}
