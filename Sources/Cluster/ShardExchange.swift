import Tensor

/// Tensors that belong to one rank each. With `reduce`, then `spread`, a rank moves as many numbers as in
/// `GradientExchange.sum`, and the sums have the same bits.
extension GradientExchange {
  /// Sums tensors on the ranks that own them.
  ///
  /// - Parameter shards: The tensors of each owner, in the order of the ranks and of the same shapes on all ranks. Those
  ///   of this rank are replaced by their sums over all ranks; the others are gone.
  /// - Throws: `ClusterError`.
  public func reduce(_ shards: inout [[Tensor]]) throws {
    guard ranks.count > 1 else { return }
    for piece in pieces(of: shards) {
      let sum =
        switch wire {
        case .fp32: try sum(of: shards, piece, as: Float.self)
        case .bf16: try sum(of: shards, piece, as: BFloat16.self)
        }
      shards[ranks.rank].unpack(sum, piece)
    }
    for rank in shards.indices where rank != ranks.rank { shards[rank] = [] }
  }

  /// Gives every rank the tensors of each owner, in float32 whatever the wire of sums.
  ///
  /// - Parameter shards: As for `reduce`; those of other owners are replaced.
  /// - Throws: `ClusterError`.
  public func spread(_ shards: inout [[Tensor]]) throws {
    guard ranks.count > 1 else { return }
    for piece in pieces(of: shards) {
      let own = shards[ranks.rank].packed(piece)
      for distance in 1..<ranks.count {
        let (to, from) = (ranks.after(distance), ranks.before(distance))
        let received = try received(
          own, to: to, count: count(of: shards[from], piece), from: from, as: Float.self)
        shards[from].unpack(received, piece)
      }
    }
  }

  /// Ranges of each owner's numbers that are moved at once.
  private func pieces(of shards: [[Tensor]]) -> [Range<Int>] {
    let (longest, length) = (
      shards.map(\.elementCount).max() ?? 0, max(1, bucket / ranks.count)
    )
    return stride(from: 0, to: longest, by: length).map { $0..<$0 + length }
  }

  private func count(of shard: [Tensor], _ piece: Range<Int>) -> Int {
    piece.clamped(to: 0..<shard.elementCount).count
  }

  /// The sum of a piece of this rank's tensors, paired in the order of the ranks.
  private func sum<Element: TensorElement>(
    of shards: [[Tensor]], _ piece: Range<Int>, as type: Element.Type
  ) throws -> Tensor {
    let own = shards[ranks.rank].packed(piece).cast(to: Element.dtype)
    var parts = Array(repeating: own, count: ranks.count)
    for distance in 1..<ranks.count {
      let (to, from) = (ranks.after(distance), ranks.before(distance))
      let sent = shards[to].packed(piece).cast(to: Element.dtype)
      parts[from] = try received(sent, to: to, count: own.elementCount, from: from, as: type)
    }
    var sum = PairwiseSum<Tensor>()
    for part in parts { sum.add(part.cast(to: .float32)) { $0.add($1) } }
    // As in `sum`: the owner takes the rounded sum, too.
    return sum.takeTotal { $0.add($1) }!.cast(to: Element.dtype).cast(to: .float32)
  }

  /// What one rank sends while another gets a tensor.
  private func received<Element: TensorElement>(
    _ sent: Tensor, to: Int, count: Int, from: Int, as type: Element.Type
  ) throws -> Tensor {
    try sent.read(as: type) { sent in
      try Tensor(shape: [count]) { (received: UnsafeMutableBufferPointer<Element>) in
        try swap(sent, to: to, received, from: from)
      }
    }
  }
}
