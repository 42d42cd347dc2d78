import Audio
import Foundation
import Train

/// What the models of a report were probed on.
public struct ProbedMusic: Codable, Sendable, Equatable {
  /// The corpus' folder.
  public var folder: String
  /// What was asked of the features.
  public var tasks: [String]
  /// How many pieces were probed.
  public var pieces: Int
  /// The pieces left out.
  public var skipped: [Manifest.Skipped]
  /// On how many of the corpus' pieces each model was trained, by its name; none where that is not known.
  public var heard: [String: Int]

  /// How they are divided into parts to train probes on, to choose by and to test; `folds` if nil.
  public var parts: Parts?

  /// How music is divided for probes.
  public enum Parts: String, Codable, Sendable {
    /// Pieces that each seed deals into folds anew, every piece being tested once.
    case folds
    /// Files, by lists of their own.
    case fixed
  }

  /// All of them.
  public init(
    folder: String, tasks: [String], pieces: Int, skipped: [Manifest.Skipped] = [],
    heard: [String: Int] = [:], parts: Parts? = nil
  ) {
    (self.folder, self.tasks, self.pieces) = (folder, tasks, pieces)
    (self.skipped, self.heard, self.parts) = (skipped, heard, parts)
  }

  /// `600 pieces`, or `1,763 files` where the parts are fixed.
  public var count: String { Wording.count(pieces, noun) }

  /// `piece`, or `file` where the parts are fixed.
  var noun: String { parts == .fixed ? "file" : "piece" }
}

extension Comparison {
  /// On how many of the probed files each contender was or will be trained; a model's training is not known.
  func heard(of probes: any ComparisonProbes, pending: Pending) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    func count(below root: String) -> Int? {
      if counts[root] == nil {
        counts[root] = audioFiles(below: root, pending.scan).map { probes.count(among: $0) }
      }
      return counts[root]
    }
    var heard: [String: Int] = [:]
    for (contender, name) in zip(contenders, names) {
      let trainings = trainings(of: contender)
      let roots = try trainings.map { try root(of: $0, pending) }
      let found = roots.compactMap(count)
      if !trainings.isEmpty, found.count == trainings.count { heard[name] = found.max() }
    }
    return heard
  }

  private func root(of training: TrainingRun, _ pending: Pending) throws -> String {
    if let scan = pending.scan,
      pending.trainings.contains(where: { $0.folder == training.folder })
    {
      return scan.manifest.root
    }
    return try RunInformation(of: training.folder).data
  }

  /// The audio files below a folder; those of the manifest if it is that of the data named now. Nil if
  /// there is no such folder here.
  private func audioFiles(below root: String, _ scan: Manifest.Scan?) -> [String]? {
    if let manifest = scan?.manifest, manifest.root == root {
      return manifest.entries.map(manifest.path)
    }
    let url = URL(fileURLWithPath: root, isDirectory: true)
    guard (try? url.checkResourceIsReachable()) == true,
      let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)
    else { return nil }
    return files.compactMap { $0 as? URL }
      .filter { Manifest.audioExtensions.contains($0.pathExtension.lowercased()) }.map(\.path)
  }
}
