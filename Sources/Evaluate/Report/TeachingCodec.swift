import Files
import Foundation
import Pretrain
import Train

/// A codec that gave a run its labels, as it was at the end of its training.
public struct TeachingCodec: Codable, Sendable, Equatable {
  /// The name of its recipe.
  public var name: String
  /// How well it reconstructs excerpts of the music that it was trained on.
  public var measures: CodecMeasures
  /// Some of these excerpts, as files beside the report.
  public var sounds: RunReport.Sounds?

  /// A codec.
  public init(name: String, measures: CodecMeasures, sounds: RunReport.Sounds? = nil) {
    (self.name, self.measures, self.sounds) = (name, measures, sounds)
  }

  /// Excerpts that are shown of each.
  private static let shown = 2

  /// That of a stage, whose sounds are copied beside a report.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - run: The folder of its run.
  ///   - report: That of the report.
  ///   - folder: That of the sounds, below it.
  /// - Returns: Nil if the run has not kept any.
  /// - Throws: What reading the run throws; `FileError`.
  init?(_ name: String, of run: URL, beside report: URL, in folder: String) throws {
    guard try RunInformation.ifBegun(run) != nil else { return nil }
    let stage = try RunReport(of: run)
    guard let latest = stage.checkpoints.last else { return nil }
    self.init(name: name, measures: latest.measures)
    sounds = try stage.sounds?.first(Self.shown).copied(from: run, to: report, folder)
  }
}

extension RunReport.Sounds {
  fileprivate func first(_ count: Int) -> Self {
    var copy = self
    copy.samples.excerpts = Array(samples.excerpts.prefix(count))
    copy.pictures = pictures.filter { copy.files.contains($0.key) }
    return copy
  }

  /// The same in a folder of another page.
  fileprivate func copied(from run: URL, to report: URL, _ name: String) throws -> Self {
    let (source, target) = (run.appending(path: folder), report.appending(path: name))
    try AtomicFolder.make(target)
    for file in files {
      guard let sound = try Presence.content(of: source.appending(path: file)) else {
        throw RunReportError.samples(path: source.appending(path: file).path)
      }
      try AtomicFile.write(sound, to: target.appending(path: file))
    }
    var copy = self
    copy.folder = name
    return copy
  }

  private var files: [String] {
    samples.excerpts.flatMap { [$0.original] + $0.reconstructions.map(\.file) }
  }
}

extension ComparisonReport {
  /// The codecs that gave labels, each once, with the places of the runs that they taught.
  var codecs: [(codec: TeachingCodec, runs: [Int])] {
    var found: [(codec: TeachingCodec, runs: [Int])] = []
    for (place, run) in runs.enumerated() {
      for codec in run.codecs ?? [] {
        if let known = found.firstIndex(where: { $0.codec == codec }) {
          found[known].runs.append(place)
        } else {
          found.append((codec, [place]))
        }
      }
    }
    return found
  }
}
