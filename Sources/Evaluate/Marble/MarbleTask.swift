import Foundation

/// A task of MARBLE: a data set, and how probes are trained and scored on it.
///
/// A new task is a file in `Marble/Tasks` and its name in `all`. Source of every number: the code of MARBLE's first
/// version (Yuan et al. 2023, *MARBLE: Music Audio Representation Benchmark for Universal Evaluation*), whose
/// published scores these are comparable with; for the second version its settings for MERT-v1-95M (commit 938c03a).
public struct MarbleTask: Sendable {
  /// The name on the command line and in JSON: `GS`.
  public let name: String
  /// What is predicted, in a few words.
  public let title: String
  /// The data set.
  public let card: DatasetCard
  /// How probes are trained and scored.
  public private(set) var method: any ProbingMethod
  private let second: (any ProbingMethod)?
  /// Reads the data set below a root.
  public let read: @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset

  /// - Parameters:
  ///   - name: The name on the command line and in JSON.
  ///   - title: What is predicted.
  ///   - card: The data set.
  ///   - method: How probes are trained and scored, in MARBLE's first version.
  ///   - second: The same in its second version; nil if that has no such task.
  ///   - read: Reads the data set.
  public init(
    _ name: String, title: String, on card: DatasetCard, by method: some ProbingMethod,
    v2 second: (any ProbingMethod)? = nil,
    read: @escaping @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset
  ) {
    (self.name, self.title, self.card, self.read) = (name, title, card, read)
    (self.method, self.second) = (method, second)
  }

  /// The task as a version of the benchmark has it; nil if that has no such task.
  package func version(_ version: MarbleVersion) -> MarbleTask? {
    guard version == .v2 else { return self }
    guard let second else { return nil }
    var copy = self
    copy.method = second
    return copy
  }

  /// The tasks, in the order of MARBLE's tables.
  public static let all: [MarbleTask] =
    [.tagging, .key, .genre, .beats, .emotion, .instrument, .pitch, .technique, .singer]
    + MTGJamendo.Category.allCases.map { .jamendo($0) } + [.separation]

  /// The task of a name; nil if there is none.
  public init?(named name: String) {
    guard let known = Self.all.first(where: { $0.name == name }) else { return nil }
    self = known
  }
}
