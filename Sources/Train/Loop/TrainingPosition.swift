/// How far a training is: updates made, and batches of the next update that are added up already.
public struct TrainingPosition: Codable, Comparable, Hashable, Sendable, CustomStringConvertible {
  /// Updates made.
  public var step: Int
  /// Batches of the next update that are in the sums; 0 between two updates.
  public var batch: Int

  /// A position.
  public init(step: Int, batch: Int = 0) { (self.step, self.batch) = (step, batch) }

  /// In the order of training.
  public static func < (a: TrainingPosition, b: TrainingPosition) -> Bool {
    (a.step, a.batch) < (b.step, b.batch)
  }

  /// The name of a checkpoint's folder: `step-12`, or `step-12-batch-3` inside an update.
  public var name: String { batch == 0 ? "step-\(step)" : "step-\(step)-batch-\(batch)" }

  /// The position of a checkpoint's folder; nil if its name is no such name.
  public init?(name: String) {
    let words = name.split(separator: "-", omittingEmptySubsequences: false)
    guard words.count == 2 || words.count == 4, words[0] == "step", let step = Int(words[1]) else {
      return nil
    }
    self.init(step: step)
    guard words.count == 4 else { return }
    guard words[2] == "batch", let batch = Int(words[3]), batch > 0 else { return nil }
    self.batch = batch
  }

  /// `step 12`, or `step 12 and 3 batches of the next`.
  public var description: String {
    guard batch > 0 else { return "step \(step)" }
    return "step \(step) and \(batch == 1 ? "1 batch" : "\(batch) batches") of the next"
  }
}
