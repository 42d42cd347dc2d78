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
  /// - Throws: `MarbleError.noTask` if none can be scored; `.emptyPart`; `DatasetError` if data are there and broken.
  init(_ tasks: [MarbleTask], below root: URL, _ setting: MarbleSetting) throws {
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
      for split in Split.allCases where dataset.count(split) == 0 {
        throw MarbleError.emptyPart(split, task: task.name)
      }
      let refusal = task.method.refusal(of: setting, on: dataset)
      return refusal.map { .failure(Reason(text: $0)) } ?? .success((task, dataset))
    case .failure(let error):
      guard case .missing = error else { throw error }
      return .failure(Reason(text: error.description))
    }
  }
}
