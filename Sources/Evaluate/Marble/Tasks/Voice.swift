import Foundation

extension MarbleTask {
  /// The vocal technique in VocalSet's recordings.
  static let technique = voice(
    "VocalSetT", title: "vocal technique", stopAfter: 10, read: VocalSet.readTechniques)

  /// The singer of VocalSet's recordings.
  static let singer = voice(
    "VocalSetS", title: "singer", stopAfter: 20, read: VocalSet.readSingers)

  /// Chunks of 132,000 samples at 44.1 kHz after the silence at the start, each with mean 0 and variance 1 and an item
  /// of its own.
  private static func voice(
    _ name: String, title: String, stopAfter: Int,
    read: @escaping @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset
  ) -> MarbleTask {
    let chunk = 132_000.0 / 44_100
    return MarbleTask(
      name, title: title, on: VocalSet.card,
      by: VectorProbing(
        Excerpts(window: chunk, leastRest: chunk, trimsSilence: true, standardizes: true),
        metrics: [.accuracy], aggregations: [],
        schedule: ProbeSchedule(epochs: 100, patience: 5, stopAfter: stopAfter)),
      read: read)
  }
}
