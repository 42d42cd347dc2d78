import Foundation

/// The tasks that can be scored, and the others.
struct OpenedTasks {
  typealias Opened = (task: MarbleTask, dataset: LabelledDataset)

  /// With their data, each part of which has items.
  let present: [Opened]
  /// The names of the tasks that cannot be scored, with the reasons.
  let missing: [Omission]

  /// Reads the data.
  ///
  /// - Throws: `MarbleError.sameName` if two tasks have one name; `.noTask` if none can be scored;
  ///   `DatasetError.malformed` if data are there and broken.
  init(_ tasks: [MarbleTask], below root: URL, _ setting: MarbleSetting) throws {
    try Self.requireNames(of: tasks)
    var (present, missing): ([Opened], [Omission]) = ([], [])
    for task in tasks {
      switch try Self.open(task, below: root, setting) {
      case .success(let opened): present.append(opened)
      case .failure(let reason): missing.append(Omission(task.name, reason.text))
      }
    }
    guard !present.isEmpty else { throw MarbleError.noTask(root: root.path, missing) }
    (self.present, self.missing) = (present, missing)
  }

  /// A name stands for one task in all that is written, and one of MARBLE's stands beside published scores.
  private static func requireNames(of tasks: [MarbleTask]) throws(MarbleError) {
    for (place, task) in tasks.enumerated() {
      let published = MarbleTask(named: task.name).map { _ in "MARBLE's own" }
      let other = tasks[..<place].first { $0.name == task.name }?.card.origin
      guard let other = other ?? (task.isOwn ? published : nil) else { continue }
      throw .sameName(task.name, other, and: task.card.origin)
    }
  }

  /// Why a task is left out.
  private struct Reason: Error { var text: String }

  private static func open(
    _ task: MarbleTask, below root: URL, _ setting: MarbleSetting
  ) throws -> Result<Opened, Reason> {
    guard let task = task.version(setting.version) else {
      return .failure(Reason(text: "not in MARBLE \(setting.version.rawValue)"))
    }
    switch Result(catching: { () throws(DatasetError) in try task.read(root) }) {
    case .success(let dataset):
      let refusal = emptyPart(of: dataset) ?? task.method.refusal(of: setting, on: dataset)
      return refusal.map { .failure(Reason(text: $0)) } ?? .success((task, dataset))
    case .failure(let error):
      if case .malformed = error { throw error }
      return .failure(Reason(text: error.description))
    }
  }

  private static func emptyPart(of dataset: LabelledDataset) -> String? {
    Split.allCases.first { dataset.count($0) == 0 }.map {
      "no item of the \($0.rawValue) part is there"
    }
  }
}
