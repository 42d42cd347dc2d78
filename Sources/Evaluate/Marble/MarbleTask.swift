import Foundation

/// A task of MARBLE: a data set, and how probes are trained and scored on it.
///
/// A new task is a file in `Marble/Tasks` and its name in `all`. Source of every number: the code of MARBLE's first
/// version (Yuan et al. 2023, *MARBLE: Music Audio Representation Benchmark for Universal Evaluation*), whose
/// published scores these are comparable with.
public struct MarbleTask: Sendable {
  /// The name on the command line and in JSON: `GS`.
  public let name: String
  /// What is predicted, in a few words.
  public let title: String
  /// The data set.
  public let card: DatasetCard
  /// How probes are trained and scored.
  public let method: any ProbingMethod
  /// Reads the data set below a root.
  public let read: @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset

  /// - Parameters:
  ///   - name: The name on the command line and in JSON.
  ///   - title: What is predicted.
  ///   - card: The data set.
  ///   - method: How probes are trained and scored.
  ///   - read: Reads the data set.
  public init(
    _ name: String, title: String, on card: DatasetCard, by method: some ProbingMethod,
    read: @escaping @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset
  ) {
    (self.name, self.title, self.card, self.method, self.read) = (name, title, card, method, read)
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
