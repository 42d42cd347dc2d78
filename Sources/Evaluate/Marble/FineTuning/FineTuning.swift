/// What of a model is trained along with the head.
public struct FineTuning: Hashable, Sendable {
  /// Which weights.
  public enum Part: Hashable, Sendable {
    /// All.
    case whole
    /// Those of the last so many layers.
    case last(Int)
    /// Updates of this rank to the maps to queries and values, see `LowRankAdapter`.
    case lowRank(Int)
  }

  /// Which weights.
  public var part: Part
  /// `α` of low-rank updates.
  static let alpha: Float = 8

  /// Fine-tuning of a part.
  public init(_ part: Part) { self.part = part }

  /// `LoRA of rank 8`
  public var name: String {
    switch part {
    case .whole: "the whole model fine-tuned"
    case .last(1): "the last layer fine-tuned"
    case .last(let count): "the last \(count) layers fine-tuned"
    case .lowRank(let rank): "LoRA of rank \(rank)"
    }
  }

  /// `lora8`
  var key: String {
    switch part {
    case .whole: "whole"
    case .last(let count): "last\(count)"
    case .lowRank(let rank): "lora\(rank)"
    }
  }

  /// The first hidden state that changes, of a model with so many; state `k` is what layer `k` returns.
  /// - Throws: `MarbleError.nothingToTrain` if there are fewer layers than are named, or none.
  func firstChanged(of states: Int) throws(MarbleError) -> Int {
    let first =
      switch part {
      case .whole: 0
      case .last(let count): states - count
      case .lowRank: 1
      }
    guard part == .whole || (1..<states).contains(first) else { throw .nothingToTrain(self) }
    return first
  }

  /// The learning rate unless others are given: that of MARBLE's second version for low-rank updates, a fiftieth for
  /// the model's own weights.
  var rate: Float {
    if case .lowRank = part { 5e-3 } else { 1e-4 }
  }
}
