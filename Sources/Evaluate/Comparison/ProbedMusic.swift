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

  /// With what could not be used once it was heard, and for which models, if not for all.
  func with(_ results: [ProbeResult]) -> ProbedMusic {
    let main = results.filter { $0.mainTask == nil }
    var copy = self
    copy.skipped += main.map(\.task).uniqued().flatMap { task in
      Self.leftOut(of: task, main.filter { $0.task == task })
    }
    return copy
  }

  private static func leftOut(of task: String, _ results: [ProbeResult]) -> [Manifest.Skipped] {
    var models: [Omission: [String]] = [:]
    for result in results {
      for omission in result.leftOut ?? [] { models[omission, default: []].append(result.title) }
    }
    return results.flatMap { $0.leftOut ?? [] }.uniqued().map { omission in
      let names = models[omission]!
      let whose = names.count == results.count ? "" : " (for \(Wording.list(names.uniqued())))"
      return Manifest.Skipped(path: "\(task), \(omission.item)", reason: omission.reason + whose)
    }
  }

  /// `600 pieces`, or `1,763 files` where the parts are fixed.
  public var count: String { Wording.count(pieces, noun) }

  /// `piece`, or `file` where the parts are fixed.
  var noun: String { parts == .fixed ? "file" : "piece" }
}

extension Comparison {
  /// What a training heard or will hear.
  private enum Heard: Hashable {
    /// Files that are trained on now, or, of an older run, that lie where its own were.
    case files([String])
    /// The contents of those that the run recorded.
    case contents(Set<UInt64>)
  }

  /// On how many of the probed files each contender was or will be trained; a model's training is not known.
  func heard(of probes: any ComparisonProbes, pending: Pending) throws -> [String: Int] {
    var counts: [Heard: Int] = [:]
    lazy var probed = probes.contents
    var heard: [String: Int] = [:]
    for (contender, name) in zip(contenders, names) {
      let trainings = trainings(of: contender)
      let known = try trainings.compactMap { try self.heard(by: $0, pending) }
      for music in known where counts[music] == nil {
        switch music {
        case .files(let files): counts[music] = probes.count(among: files)
        case .contents(let contents): counts[music] = probed.count(where: contents.contains)
        }
      }
      if !trainings.isEmpty, known.count == trainings.count {
        heard[name] = known.compactMap { counts[$0] }.max()
      }
    }
    return heard
  }

  /// Nil if it is not known: an older run's folder of music is not there, or a run began as a trained model.
  private func heard(by training: TrainingRun, _ pending: Pending) throws -> Heard? {
    if try RunInformation.ifBegun(training.folder)?.start != nil { return nil }
    if pending.stops[training.folder.path]?.step == 0 { return .contents([]) }
    if let scan = pending.scan,
      pending.trainings.contains(where: { $0.folder == training.folder })
    {
      let files = try training.recipe.trainingFiles(of: scan).manifest
      return .files(files.entries.map(files.path))
    }
    if let data = try DataIdentity(of: training.folder) {
      return .contents(Set(data.files.map(\.hash)))
    }
    return try audioFiles(below: RunInformation(of: training.folder).data).map(Heard.files)
  }

  /// The audio files below a folder; nil if there is no such folder here.
  private func audioFiles(below root: String) -> [String]? {
    let url = URL(fileURLWithPath: root, isDirectory: true)
    guard (try? url.checkResourceIsReachable()) == true,
      let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)
    else { return nil }
    return files.compactMap { $0 as? URL }
      .filter { Manifest.audioExtensions.contains($0.pathExtension.lowercased()) }.map(\.path)
  }
}

extension ProbeResult {
  /// What was probed, in words.
  fileprivate var title: String {
    kind == .randomInitialisation ? "\(model), random" : model
  }
}
