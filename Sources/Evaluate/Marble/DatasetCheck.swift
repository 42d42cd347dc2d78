import Foundation

/// What is there of a task's data.
public struct DatasetCheck: Sendable {
  private let task: MarbleTask
  private let outcome: Result<LabelledDataset, DatasetError>

  /// Reads the data of a task below a root.
  public init(of task: MarbleTask, below root: URL) {
    self.task = task
    outcome = Result { () throws(DatasetError) in try task.read(root) }
  }

  /// Some lines.
  /// - Parameter all: Whether every item that is left out is named, rather than the first of each reason.
  public func text(naming all: Bool) -> String {
    ([head] + body(naming: all).map { "  \($0)" }).joined(separator: "\n") + "\n"
  }

  private var head: String { "\(task.name) (\(task.title), \(task.card.name))" }

  private func body(naming all: Bool) -> [String] {
    switch outcome {
    case .success(let dataset):
      [dataset.inWords] + dataset.remarks
        + (all ? dataset.leftOut.map { "left out \($0.item): \($0.reason)" } : reasons(of: dataset))
        + source
    case .failure(let error):
      [
        "missing: \(error)", "belongs in: \(task.card.folders.joined(separator: " or "))",
        "with: \(task.card.contents.joined(separator: ", "))",
      ] + source
    }
  }

  private var source: [String] {
    ["comes from: \(task.card.origin)", "licence: \(task.card.licence)"]
  }

  /// A line for each reason: how many items, and the first.
  private func reasons(of dataset: LabelledDataset) -> [String] {
    let groups = Dictionary(grouping: dataset.leftOut, by: \.reason)
    return dataset.leftOut.map(\.reason).uniqued().map { reason in
      let items = groups[reason]!
      let others = items.count > 1 ? " and \(items.count - 1) more" : ""
      return "left out \(items[0].item)\(others): \(reason)"
    }
  }
}

extension LabelledDataset {
  /// `442 items to train on, 197 to choose, 290 to test; 1 left out`
  public var inWords: String {
    let parts =
      "\(count(.train)) items to train on, \(count(.valid)) to choose, \(count(.test)) to test"
    return leftOut.isEmpty ? parts : "\(parts); \(leftOut.count) left out"
  }
}
