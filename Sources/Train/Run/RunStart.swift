import Files
import Foundation
import Tensor

/// Whether a run begins in its folder or goes on there.
public enum RunStart: Sendable, Equatable {
  /// Begins; a folder that holds a run is refused.
  case new
  /// Goes on from the latest checkpoint; a folder without one is refused.
  case resuming
  /// Goes on if there is a checkpoint, else begins. One command line then starts a job and goes on with it
  /// after each requeue.
  case resumingIfThere

  /// Whether a run goes on in a folder.
  ///
  /// A trace of a run that cannot be read is an error: a run would begin in the place of another whose
  /// disk is not mounted. So is a run that had a checkpoint where there is none.
  ///
  /// - Throws: `RunError.occupied`, `.nothingToResume` or `.checkpointsMissing`; `FileError`.
  func goesOn(in folder: URL, every checkpointEvery: Int) throws -> Bool {
    guard try folder.latestCheckpoint == nil else {
      guard self != .new else { throw RunError.occupied(folder.path) }
      return true
    }
    let logged = try RunLog.steps(of: folder.logFile).last?.step
    let hadCheckpoint = try Self.hadCheckpoint(in: folder, logged ?? 0, every: checkpointEvery)
    guard !hadCheckpoint, logged == nil || self == .resumingIfThere else {
      throw RunError.checkpointsMissing(folder.path, logged: logged)
    }
    guard self != .resuming else { throw RunError.nothingToResume(folder.path) }
    return false
  }

  /// Whether the run that a folder has the log of had a checkpoint. Who removes the log begins anew.
  private static func hadCheckpoint(
    in folder: URL, _ logged: Int, every checkpointEvery: Int
  ) throws -> Bool {
    guard try Presence.kind(of: folder.logFile.path) != nil else { return false }
    let information = try? RunInformation(of: folder)
    return information?.hasCheckpoint ?? (logged >= checkpointEvery)
  }
}

extension URL {
  /// The recipe of a run folder.
  public var recipeFile: URL { appendingPathComponent("recipe.yaml") }
  /// What the run was made from.
  var informationFile: URL { appendingPathComponent("run.json") }
  /// The log of a run folder.
  public var logFile: URL { appendingPathComponent("log.jsonl") }
  /// The labels that a run made for itself.
  public var labels: URL { appendingPathComponent("labels") }
  /// What a run wrote beside its checkpoints for people to judge.
  public var samples: URL { appendingPathComponent("samples") }

  /// The samples of a step of a run folder.
  public func samples(of step: Int) -> URL { samples.appendingPathComponent("step-\(step)") }

  /// The checkpoints of a run folder.
  public var checkpoints: URL { appendingPathComponent("checkpoints") }

  /// The model with averaged weights in a checkpoint, if the recipe has `training.averaging`.
  public var averaged: URL { appendingPathComponent("averaged") }

  /// The latest checkpoint of a run folder; nil if it has none.
  /// - Throws: `FileError` if its checkpoints cannot be listed.
  public var latestCheckpoint: URL? {
    get throws { try CheckpointFolder(url: checkpoints).latest() }
  }
}
