import Foundation

/// The tasks whose data are there, and the others.
struct OpenedTasks {
  /// With their data, each part of which has items.
  let present: [(task: MarbleTask, dataset: LabelledDataset)]
  /// The names of the tasks whose data are missing, with the reasons.
  let missing: [Omission]

  /// Reads the data.
  ///
  /// - Throws: `MarbleError.noData` if none has any; `.emptyPart`; `DatasetError` if data are there and broken.
  init(_ tasks: [MarbleTask], below root: URL) throws {
    var (present, missing): ([(MarbleTask, LabelledDataset)], [Omission]) = ([], [])
    for task in tasks {
      switch Result(catching: { () throws(DatasetError) in try task.read(root) }) {
      case .success(let dataset):
        for split in Split.allCases where dataset.count(split) == 0 {
          throw MarbleError.emptyPart(split, task: task.name)
        }
        present.append((task, dataset))
      case .failure(let error):
        guard case .missing = error else { throw error }
        missing.append(Omission(task.name, error.description))
      }
    }
    guard !present.isEmpty else {
      throw MarbleError.noData(root: root.path, tasks: missing.map(\.item))
    }
    (self.present, self.missing) = (present, missing)
  }
}
