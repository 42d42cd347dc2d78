import Synchronization
import Tensor

/// How the order of an epoch is drawn. Every epoch visits each crop once, in an order of its own that is a function
/// of seed and epoch.
public enum EpochOrder: String, Codable, Sendable {
  /// Each place of the order is computed alone, so the order takes no memory.
  case keyed
  /// A shuffled list of all crops, held in memory: the order of runs whose checkpoints name none.
  case shuffled

  /// The orders of `count` items.
  package func drawn(count: Int, seed: UInt64) -> any ItemOrder {
    switch self {
    case .keyed: KeyedOrder(count: count, seed: seed)
    case .shuffled: ShuffledOrder(count: count, seed: seed)
    }
  }
}

/// A permutation of `0..<count` for each epoch.
package protocol ItemOrder: Sendable {
  /// The item at a place of an epoch.
  func item(at place: Int, ofEpoch epoch: Int) -> Int
}

/// A keyed permutation, of which each value is computed alone: a Feistel network over the smallest power of two that
/// holds all items, applied again while the value is not one of them.
///
/// A round replaces the halves `(left, right)` by `(right, left ⊕ F(right))`, where `F` is Philox, keyed by seed,
/// epoch and round. It can be undone, so the network is a permutation, and so is what repetition makes of it.
/// The power of two is less than twice the count, so a value takes fewer than two passes on average.
///
/// Source: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002, section 3 (cycle walking). Sixteen
/// rounds, where Luby and Rackoff need four, because the halves of a small count are a bit or two: with eight, some
/// pairs of five items come first too often, by 10 %.
struct KeyedOrder: ItemOrder {
  private static let rounds = 16
  private let count: UInt64
  private let seed: UInt64
  /// Bits of the left and of the right half; the halves change places in each round.
  private let bits: (left: Int, right: Int)

  init(count: Int, seed: UInt64) {
    (self.count, self.seed) = (UInt64(count), seed)
    let width = max(2, UInt64.bitWidth - UInt64(max(0, count - 1)).leadingZeroBitCount)
    bits = (width / 2, width - width / 2)
  }

  package func item(at place: Int, ofEpoch epoch: Int) -> Int {
    var stream = RandomStream(seed: seed, purpose: .order, sample: epoch)
    let keys = (0..<Self.rounds).map { _ in stream.next() }
    var value = UInt64(place)
    repeat { value = permuted(value, by: keys) } while value >= count
    return Int(value)
  }

  private func permuted(_ value: UInt64, by keys: [UInt64]) -> UInt64 {
    var (left, right) = (value >> bits.right, value & mask(bits.right))
    var (leftBits, rightBits) = bits
    for key in keys {
      var stream = RandomStream(seed: key, purpose: .order, sample: Int(right))
      (left, right) = (right, left ^ (stream.next() & mask(leftBits)))
      (leftBits, rightBits) = (rightBits, leftBits)
    }
    return left << rightBits | right
  }

  private func mask(_ bits: Int) -> UInt64 { (1 << UInt64(bits)) - 1 }
}

/// Shuffled lists, of which those of the last two epochs that were asked for are kept: a batch, or what is made ahead
/// of it, may lie in both.
final class ShuffledOrder: ItemOrder {
  private let count: Int
  private let seed: UInt64
  private let latest = Mutex<[(epoch: Int, order: [Int])]>([])

  init(count: Int, seed: UInt64) { (self.count, self.seed) = (count, seed) }

  package func item(at place: Int, ofEpoch epoch: Int) -> Int {
    latest.withLock { latest in
      if let known = latest.first(where: { $0.epoch == epoch }) { return known.order[place] }
      var stream = RandomStream(seed: seed, purpose: .order, sample: epoch)
      let order = Array(0..<count).shuffled(using: &stream)
      latest = latest.suffix(1) + [(epoch, order)]
      return order[place]
    }
  }
}
