/// A weight that was computed from a direction and a gain, cached in the memory of the direction.
///
/// It holds the gain. So the gain's memory is shared, is copied before its numbers change, and is then no
/// longer the one held here.
struct FoldedWeight: Sendable {
  fileprivate let gain: Tensor
  fileprivate let weight: Tensor

  fileprivate func isMade(with gain: Tensor, shape: Shape) -> Bool {
    self.gain.storage === gain.storage && self.gain.offset == gain.offset
      && self.gain.shape == gain.shape && weight.shape == shape
  }
}

extension Tensor {
  /// The weight that `fold` computes from this direction and a gain. While nothing is tracked, it is computed
  /// once and cached until the numbers of either change; it then also keeps its own packed copies.
  ///
  /// - Parameters:
  ///   - gain: The lengths of the weight's parts.
  ///   - fold: Returns a tensor of the direction's shape. The same function for every call with this tensor.
  /// - Gradient: That of `fold`, which is computed anew if the direction or the gain is tracked.
  package func folded(
    with gain: Tensor, _ fold: (_ direction: Tensor, _ gain: Tensor) -> Tensor
  ) -> Tensor {
    guard !isTracked, !gain.isTracked, offset == 0 else { return fold(self, gain) }
    if let found = storage.folded, found.isMade(with: gain, shape: shape) { return found.weight }
    let weight = fold(self, gain)
    storage.folded = FoldedWeight(gain: gain, weight: weight)
    return weight
  }
}
