import Foundation

/// What every rank tells the others in each step before any gradient moves: whether something failed, whether it was
/// asked to stop, and what the gradients have to look like. So nobody throws alone, and nobody waits for one who left.
public struct ControlExchange: Sendable {
  private let ranks: Ranks

  /// The exchange among these ranks.
  public init(among ranks: Ranks) { self.ranks = ranks }

  /// What a rank asks all ranks for after a step.
  public struct Wishes: BitwiseCopyable, Sendable {
    /// To stop.
    public var stop: Bool
    /// To write a checkpoint, since the last one was long ago.
    public var save: Bool

    /// Nothing unless said.
    public init(stop: Bool = false, save: Bool = false) { (self.stop, self.save) = (stop, save) }
  }

  /// What a rank says of its part of a step.
  public struct Report {
    /// The step, from 0.
    public var step: Int
    /// What it computed of its batches, or why it could not.
    public var outcome: Result<Data, any Error>
    /// What it asks all ranks for.
    public var wishes: Wishes
    /// Changes when a parameter does that has a gradient in this step.
    public var layout: UInt64
    /// How long it computed.
    public var seconds: Double

    /// A rank's part of a step.
    public init(
      step: Int, outcome: Result<Data, any Error>, wishes: Wishes, layout: UInt64, seconds: Double
    ) {
      (self.step, self.outcome, self.wishes) = (step, outcome, wishes)
      (self.layout, self.seconds) = (layout, seconds)
    }
  }

  /// What all ranks together said.
  public struct Agreement {
    /// What each computed of its batches.
    public var outcomes: [Data]
    /// What any of them asked for.
    public var wishes: Wishes
    /// How long each computed.
    public var seconds: [Double]
  }

  /// The part of a report that always has the same length.
  private struct Head: BitwiseCopyable {
    var step: Int
    var isFailure: Bool
    var wishes: Wishes
    var layout: UInt64
    var seconds: Double
  }

  /// Tells all ranks, and hears from all.
  /// - Throws: What this rank failed by; `ClusterError.failed` if another one failed, `.differs` if the ranks are not in
  ///   the same step or have gradients of other parameters, `.late` if one does not answer.
  public func exchange(_ report: Report) throws -> Agreement {
    let (isFailure, payload) =
      switch report.outcome {
      case .success(let data): (false, data)
      case .failure(let error): (true, Data("\(error)".utf8))
      }
    let heads = try ranks.gather(
      Head(
        step: report.step, isFailure: isFailure, wishes: report.wishes, layout: report.layout,
        seconds: report.seconds), ranks.patience)
    let payloads = try ranks.gather(payload, ranks.patience)
    if let failed = heads.firstIndex(where: \.isFailure) {
      if failed == ranks.rank { _ = try report.outcome.get() }
      throw ClusterError.failed(
        rank: ranks.name(of: failed), String(decoding: payloads[failed], as: UTF8.self))
    }
    try check(heads)
    return Agreement(
      outcomes: payloads,
      wishes: Wishes(
        stop: heads.contains(where: \.wishes.stop), save: heads.contains(where: \.wishes.save)),
      seconds: heads.map(\.seconds))
  }

  private func check(_ heads: [Head]) throws {
    for (rank, head) in heads.enumerated() {
      let (name, first) = (ranks.name(of: rank), ranks.name(of: 0))
      guard head.step == heads[0].step else {
        throw ClusterError.differs(
          "\(name) is in step \(head.step) and \(first) in step \(heads[0].step); the ranks ran apart"
        )
      }
      guard head.layout == heads[0].layout else {
        throw ClusterError.differs(
          "\(name) has gradients of other parameters than \(first) in step \(head.step); the ranks ran "
            + "apart")
      }
    }
  }
}
