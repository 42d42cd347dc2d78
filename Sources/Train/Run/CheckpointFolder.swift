import Files
import Foundation

/// The folder `checkpoints` of a run: which checkpoints there are, which are whole, and which are kept.
struct CheckpointFolder: Sendable {
  /// Where it lies.
  let url: URL

  /// The positions of the checkpoints, in order; none if there is no such folder.
  /// - Throws: `FileError` if it cannot be listed.
  func positions() throws -> [TrainingPosition] {
    try (Presence.names(in: url) ?? []).compactMap { TrainingPosition(name: $0) }.sorted()
  }

  /// The latest checkpoint; nil if there is none.
  /// - Throws: `FileError` if they cannot be listed.
  func latest() throws -> URL? { try positions().last.map(checkpoint) }

  /// The checkpoint of a position.
  func checkpoint(at position: TrainingPosition) -> URL {
    url.appendingPathComponent(position.name)
  }
}

// MARK: - Damaged checkpoints

extension CheckpointFolder {
  /// A checkpoint that cannot be used, and why.
  struct Damaged {
    let checkpoint: URL
    let reason: RunError

    /// The file and what is wrong with it.
    var problem: String {
      if case .damaged(let path, let reason) = reason {
        "\(path): is damaged: \(reason)"
      } else {
        "\(reason)"
      }
    }
  }

  /// The latest checkpoint whose files are as they were written, and the damaged ones that are later.
  ///
  /// - Returns: Nil if there are no checkpoints.
  /// - Throws: `RunError.damaged` of the latest one if none is whole; `FileError` if they cannot be read.
  func latestWhole() throws -> (checkpoint: URL, damaged: [Damaged])? {
    var damaged: [Damaged] = []
    for checkpoint in try positions().reversed().map(checkpoint) {
      do {
        try RunState(of: checkpoint).checkFiles(of: checkpoint)
        return (checkpoint, damaged)
      } catch let reason as RunError {
        damaged.append(Damaged(checkpoint: checkpoint, reason: reason))
      }
    }
    if let first = damaged.first { throw first.reason }
    return nil
  }

  /// The state of the latest checkpoint of which it can be read; its other files are not looked at.
  /// - Returns: Nil if there are no checkpoints.
  /// - Throws: `RunError.damaged` of the latest one if none can be read; `FileError`.
  func latestReadable() throws -> RunState? {
    var failure: RunError?
    for checkpoint in try positions().reversed().map(checkpoint) {
      do {
        return try RunState(of: checkpoint)
      } catch let reason as RunError {
        failure = failure ?? reason
      }
    }
    if let failure { throw failure }
    return nil
  }

  /// Gives a damaged checkpoint another name, `damaged-step-N`, so that it does not count any more.
  /// - Returns: That name.
  /// - Throws: `FileError`.
  func setAside(_ damaged: Damaged) throws -> String {
    let other = url.appendingPathComponent("damaged-\(damaged.checkpoint.lastPathComponent)")
    if try Presence.kind(of: other.path) != nil { try AtomicFolder.remove(other) }
    guard rename(damaged.checkpoint.path, other.path) == 0 else {
      throw FileError.writing(other.path)
    }
    return other.lastPathComponent
  }
}

// MARK: - What is kept

extension CheckpointFolder {
  private var bestLink: URL { url.appendingPathComponent("best") }

  /// The position of the checkpoint that is marked as the best; nil if none is.
  var best: TrainingPosition? {
    AtomicLink.target(of: bestLink).flatMap { TrainingPosition(name: $0) }
  }

  /// Marks a checkpoint as the best, by the link `best`, unless it is marked or not there.
  /// - Throws: `FileError`.
  func markBest(_ position: TrainingPosition?) throws {
    guard let position, position != best,
      try Presence.kind(of: checkpoint(at: position).path) != nil
    else { return }
    try AtomicLink.point(bestLink, to: position.name)
  }

  /// Removes all checkpoints but the last ones, those that are kept for good, and the best.
  /// - Throws: `FileError`.
  func removeAll(but kept: KeptCheckpoints) throws {
    let best = best
    for old in try positions().dropLast(kept.last) where !kept.isForGood(old) && old != best {
      try AtomicFolder.remove(checkpoint(at: old))
    }
  }

  /// Removes what a process that was killed left of a checkpoint, which takes the room of a whole one.
  /// - Throws: `FileError`.
  func removeUnfinished() throws {
    for name in try Presence.names(in: url) ?? []
    where name.hasPrefix(".step-") && name.hasSuffix(".partial") {
      try AtomicFolder.remove(url.appendingPathComponent(name))
    }
  }
}

/// Which checkpoints of a run are kept beside the best.
struct KeptCheckpoints: Sendable {
  /// How many of the latest.
  let last: Int
  /// The distance of those that are kept for good, in steps; nil if none are.
  let every: Int?

  init(_ training: Recipe.Training) {
    (last, every) = (training.keepCheckpoints, training.keepEvery)
  }

  /// Whether the checkpoint of a position is kept however old it is.
  func isForGood(_ position: TrainingPosition) -> Bool {
    guard let every else { return false }
    return position.batch == 0 && position.step % every == 0
  }
}

/// What follows a checkpoint and failed: marking the best, or removing older ones.
struct UpkeepError: Error, CustomStringConvertible {
  let checkpoint: TrainingPosition
  let reason: FileError

  /// One line with the remedy.
  var description: String {
    "\(checkpoint.name) is whole, but \(reason); the next checkpoint tries this again, or resuming the run does"
  }

  /// Does what follows a checkpoint.
  /// - Throws: `UpkeepError` in place of `FileError`.
  static func after(_ checkpoint: TrainingPosition, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let reason as FileError {
      throw UpkeepError(checkpoint: checkpoint, reason: reason)
    }
  }
}
