import Files
import Foundation

/// The labelled music that models are probed on.
public enum ProbeData: Sendable {
  /// What `etude synth` wrote, or other music with such labels.
  case folder(String)
  /// The built-in corpus, rendered where the caller keeps its files.
  case builtIn(BuiltInPieces = BuiltInPieces())
  /// Tasks of MARBLE whose data lie below a folder, or a table of one's own labels.
  case tasks([MarbleTask], root: URL)

  /// What lies at a path: a folder with `labels.jsonl`, a table of labels, or a folder with data sets of MARBLE.
  ///
  /// - Parameters:
  ///   - path: A file or a folder.
  ///   - tasks: Those of the data sets below a folder that are probed; all that are there if nil.
  /// - Throws: `ComparisonError.probeData` if it is none of these, or tasks are named where there is no choice;
  ///   `DatasetError` if a table is broken.
  public init(at path: String, tasks: [MarbleTask]? = nil) throws {
    let url = URL(fileURLWithPath: path)
    switch try Presence.kind(of: url.path) {
    case nil: throw ComparisonError.probeData(path, reason: "no such file or folder")
    case .folder where try Self.holdsCorpus(url): self = .folder(path)
    case .folder where Self.holdsDatasets(url):
      self = .tasks(tasks ?? MarbleTask.all, root: url)
      return
    case .folder:
      throw ComparisonError.probeData(
        path, reason: "the folder holds neither labels.jsonl nor a data set of MARBLE")
    case .some: self = .tasks([try MarbleTask(labels: url)], root: url)
    }
    guard tasks == nil else {
      throw ComparisonError.probeData(path, reason: "has no tasks to choose from")
    }
  }

  private static func holdsCorpus(_ folder: URL) throws -> Bool {
    try Presence.kind(of: folder.appendingPathComponent("labels.jsonl").path) != nil
  }

  /// Whether a folder holds one with the name of a data set.
  private static func holdsDatasets(_ folder: URL) -> Bool {
    MarbleTask.all.contains { $0.card.folder(below: folder) != nil }
  }
}
