import Foundation

extension MarbleTask {
  /// A table of a user's own labels as a task, named as the file: accuracy for classes, ROC-AUC and average precision
  /// for several labels, the mean R² for numbers.
  ///
  /// - Parameter table: A file that ``LabelTable`` reads.
  /// - Throws: `DatasetError`.
  public init(labels table: URL) throws(DatasetError) {
    let dataset = try LabelTable.read(table)
    let card = DatasetCard(
      name: table.lastPathComponent, folders: [], contents: [], origin: table.path,
      licence: "your own")
    self.init(
      table.deletingPathExtension().lastPathComponent, title: "own labels", on: card,
      by: VectorProbing(
        metrics: Self.metrics(of: dataset.items[0].truth),
        schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20))
    ) { _ throws(DatasetError) in dataset }
  }

  private static func metrics(of truth: Truth) -> [OutputMetric] {
    switch truth {
    case .labels: [.rocAUC, .averagePrecision]
    case .numbers: [.meanR2]
    default: [.accuracy]
    }
  }
}
