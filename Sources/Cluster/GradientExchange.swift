import Tensor

/// Sums tensors over all ranks, so that each of them has the same bits.
///
/// The tensors lie one behind the other in buckets, and each rank owns an equal segment of a bucket. Rank `r` sends the
/// segment of rank `r + k` there while it receives its own from rank `r - k`, for `k = 1 ..< ranks`: one partner at a
/// time, so that no rank is flooded. The owner adds all contributions in float32, paired in the order of the ranks as
/// `PairwiseSum` pairs terms, and the sums go round in the same way. In and out a rank moves `2 (W - 1) / W` of the bytes.
///
/// In bfloat16 each contribution is rounded once and each sum once more, with a relative error of 2⁻⁹ at most; NaN stays
/// NaN. The owner takes the rounded sum, too.
public struct GradientExchange: Sendable {
  /// How numbers travel.
  public enum Wire: String, Sendable, Codable, CaseIterable {
    /// As they are.
    case fp32
    /// Rounded to half the bytes.
    case bf16
  }

  let ranks: Ranks
  let wire: Wire
  /// Numbers that are moved at once.
  let bucket: Int

  /// - Parameters:
  ///   - ranks: The ranks whose tensors are summed.
  ///   - wire: How numbers travel.
  ///   - bucket: The numbers of a bucket, unless given 32 MB of them, and more if a message would be below 256 KB.
  public init(among ranks: Ranks, wire: Wire = .fp32, bucket: Int? = nil) {
    (self.ranks, self.wire) = (ranks, wire)
    self.bucket = bucket ?? max(8 << 20, ranks.count << 16)
  }

  /// Replaces each tensor, float32, by its sum over all ranks. All ranks give tensors of the same shapes.
  /// - Throws: `ClusterError`.
  public func sum(_ tensors: inout [Tensor]) throws {
    guard ranks.count > 1 else { return }
    let length = tensors.reduce(0) { $0 + $1.elementCount }
    for start in stride(from: 0, to: length, by: bucket) {
      let range = start..<min(length, start + bucket)
      let segment = (range.count + ranks.count - 1) / ranks.count
      let flat = tensors.packed(range, count: segment * ranks.count)
      let sums =
        switch wire {
        case .fp32: try sum(flat, as: Float.self)
        case .bf16: try sum(flat, as: BFloat16.self)
        }
      tensors.unpack(sums, range)
    }
  }
}

extension GradientExchange {
  /// The sum of a bucket over all ranks.
  private func sum<Element: TensorElement>(
    _ flat: Tensor, as type: Element.Type
  ) throws -> Tensor {
    let mine = flat.cast(to: Element.dtype)
    let segment = mine.elementCount / ranks.count
    var sum = PairwiseSum<Tensor>()
    for part in try contributions(mine, segment, as: type) {
      sum.add(part.cast(to: .float32)) { $0.add($1) }
    }
    let total = sum.takeTotal { $0.add($1) }!.cast(to: Element.dtype)
    return try spread(total, as: type).cast(to: .float32)
  }

  /// What every rank has in the segment of this one, in the order of the ranks.
  private func contributions<Element: TensorElement>(
    _ mine: Tensor, _ segment: Int, as type: Element.Type
  ) throws -> [Tensor] {
    let own = mine[segment * ranks.rank..<segment * (ranks.rank + 1)]
    var parts = Array(repeating: own, count: ranks.count)
    for distance in 1..<ranks.count {
      let (to, from) = (ranks.after(distance), ranks.before(distance))
      parts[from] = try mine.read(as: type) { mine in
        let sent = mine[segment * to..<segment * (to + 1)]
        return try Tensor(shape: [segment]) { (received: UnsafeMutableBufferPointer<Element>) in
          try swap(UnsafeBufferPointer(rebasing: sent), to: to, received, from: from)
        }
      }
    }
    return parts
  }

  /// The segments of all ranks one behind the other.
  private func spread<Element: TensorElement>(
    _ segment: Tensor, as type: Element.Type
  ) throws -> Tensor {
    let length = segment.elementCount
    return try segment.read(as: type) { own in
      try Tensor(shape: [length * ranks.count]) { (all: UnsafeMutableBufferPointer<Element>) in
        func place(_ rank: Int) -> UnsafeMutableBufferPointer<Element> {
          UnsafeMutableBufferPointer(rebasing: all[length * rank..<length * (rank + 1)])
        }
        _ = place(ranks.rank).update(from: own)
        for distance in 1..<ranks.count {
          let (to, from) = (ranks.after(distance), ranks.before(distance))
          try swap(own, to: to, place(from), from: from)
        }
      }
    }
  }

  func swap<Element: TensorElement>(
    _ sent: UnsafeBufferPointer<Element>, to: Int,
    _ received: UnsafeMutableBufferPointer<Element>, from: Int
  ) throws {
    try ranks.communicator.swap(
      UnsafeRawBufferPointer(sent), to: to, UnsafeMutableRawBufferPointer(received), from: from,
      ranks.patience)
  }
}
