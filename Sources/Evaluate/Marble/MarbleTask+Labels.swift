import Foundation

extension MarbleTask {
  /// A table of a user's own labels as a task, named as the file: accuracy for classes, ROC-AUC and average precision
  /// for several labels, the mean R² for numbers, which are predicted with mean 0 and deviation 1 over the training part.
  /// The `labels.jsonl` of the built-in corpus, or another file of such lines, is a task of keys.
  ///
  /// - Parameter table: A file that ``LabelTable`` reads, or that ends with `.jsonl` as what `etude synth` wrote.
  /// - Throws: `DatasetError`, `CorpusError`.
  public init(labels table: URL) throws {
    guard table.pathExtension != "jsonl" else {
      self.init(try BuiltInKeys.read(table), of: table, metrics: [.weightedKey, .accuracy])
      return
    }
    let dataset = try LabelTable.read(table).standardizingNumbers()
    self.init(dataset, of: table, metrics: Self.metrics(of: dataset.items[0].truth))
  }

  /// Whether it is a table of a user's own.
  var isOwn: Bool { card.folders.isEmpty }

  private init(_ dataset: LabelledDataset, of table: URL, metrics: [OutputMetric]) {
    let card = DatasetCard(
      name: table.lastPathComponent, folders: [], contents: [], origin: table.path,
      licence: "your own")
    self.init(
      table.deletingPathExtension().lastPathComponent, title: "own labels", on: card,
      by: VectorProbing(
        metrics: metrics, schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: 20))
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

extension LabelledDataset {
  /// With numbers of mean 0 and deviation 1 over the training part, so that a probe's fixed rates suit any unit. R² does
  /// not change.
  fileprivate func standardizingNumbers() -> LabelledDataset {
    let rows = items.filter { $0.split == .train }.compactMap(\.truth.asNumbers)
    guard let width = rows.first?.count else { return self }
    let means = (0..<width).map { column in rows.mean { $0[column] } }
    let deviations = (0..<width).map { column in
      rows.mean { ($0[column] - means[column]) * ($0[column] - means[column]) }.squareRoot()
    }
    var copy = self
    for (place, item) in items.enumerated() {
      guard case .numbers(let numbers) = item.truth else { continue }
      copy.items[place].truth = .numbers(
        numbers.indices.map {
          (numbers[$0] - means[$0]) / (deviations[$0] > 0 ? deviations[$0] : 1)
        }
      )
    }
    return copy
  }
}

extension Truth {
  /// The numbers, if these are what is true.
  fileprivate var asNumbers: [Double]? {
    if case .numbers(let numbers) = self { numbers } else { nil }
  }
}

extension Collection {
  fileprivate func mean(_ value: (Element) -> Double) -> Double {
    reduce(0) { $0 + value($1) } / Double(count)
  }
}
