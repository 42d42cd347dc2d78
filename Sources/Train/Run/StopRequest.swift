import Synchronization

/// A request that a training ends early. It may come from any thread: from a signal, a button, a time limit.
///
/// ```swift
/// let stop = StopRequest()
/// let job = try TrainingJob(recipe, data: scan, scratch: folder, stop: stop) { _ in }
/// // On another thread: stop.make()
/// do { try job.train(in: folder, labels: folder.labels) } catch let stopped as TrainingStopped { ... }
/// ```
///
/// A training in its steps ends the batch at hand, saves a checkpoint and throws `TrainingStopped`. What comes before
/// the steps, decoding and labelling, looks for the request between its parts and has nothing to save: what is
/// finished lies on the disk, and the next start goes on with it.
public final class StopRequest: Sendable {
  private let made = Atomic<Bool>(false)
  private let savers = Atomic<Int>(0)

  /// A request that nobody has made yet.
  public init() {}

  /// Asks for the end.
  /// - Returns: Whether it was asked for already.
  @discardableResult public func make() -> Bool {
    made.exchange(true, ordering: .sequentiallyConsistent)
  }

  /// Whether the end is asked for.
  public var isMade: Bool { made.load(ordering: .sequentiallyConsistent) }

  /// Whether a training is in its steps, so that it has something to save first. Otherwise a process may end at once.
  public var isAnsweredBySaving: Bool { savers.load(ordering: .sequentiallyConsistent) > 0 }

  /// Runs the steps of a training.
  func answeringBySaving<Result>(_ steps: () throws -> Result) rethrows -> Result {
    savers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { savers.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    return try steps()
  }

  /// - Throws: `TrainingStopped` if the end is asked for, where there is nothing to save.
  func check() throws {
    if isMade { throw TrainingStopped(run: nil, position: nil) }
  }
}

/// A training that ended early because it was asked to. What it did is saved.
public struct TrainingStopped: Error, Codable, Sendable, CustomStringConvertible {
  /// The run's folder; nil if no step was begun.
  public let run: String?
  /// Where the run goes on; nil if no step was begun.
  public let position: TrainingPosition?

  /// One line: where, and how to go on.
  public var description: String {
    guard let run, let position else {
      return "stopped before training; the same command goes on with what is finished"
    }
    return "\(run): stopped at \(position) and saved; resume it to go on from there"
  }
}
