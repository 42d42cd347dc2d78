import Settings
import Tensor

/// Stops a run whose teacher and student have agreed on a constant.
///
/// Source: fairseq `data2vec_audio`, which calls this deviation a variance.
public struct EMACollapse: Sendable {
  /// The numbers of a recipe; data2vec Base's unless set.
  public struct Config: Configuration {
    /// Time before the first check, in steps.
    public var patience = 5_000
    /// Least standard deviation of the targets over frames; below it the run is stopped.
    public var leastTargets: Float = 0.1
    /// Least standard deviation of the predictions over frames; below it the run is stopped.
    public var leastPredictions: Float = 0.01

    /// data2vec Base's limits.
    public init() {}

    /// A count of steps, and deviations.
    public func validate() throws(InvalidSetting) {
      try require("patience", patience, in: 0...1_000_000_000)
      try require(notNegative: "leastTargets", leastTargets)
      try require(notNegative: "leastPredictions", leastPredictions)
    }
  }

  /// The numbers that decide.
  public let config: Config

  /// A guard with these limits.
  public init(_ config: Config = Config()) { self.config = config }

  /// The mean over channels of `sqrt(variance over frames + 1e-6)`, the variance unbiased.
  ///
  /// - Parameter frames: `[N, D]`.
  /// - Traps when: `frames` is not `[N, D]` or has fewer than two frames.
  public static func deviation(_ frames: Tensor) -> Float {
    precondition(
      frames.rank == 2 && frames.shape[0] > 1,
      "deviation: needs [N, D] with at least two frames, got \(frames.shape)")
    let x = frames.detached()
    let squares = (x - x.mean(axis: 0, keepingDims: true)).squared().sum(axis: 0)
    return (squares / Float(x.shape[0] - 1) + 1e-6).squareRoot().mean().scalar
  }

  /// Judges the masked frames of a step.
  ///
  /// - Parameters:
  ///   - targets: `[N, D]`.
  ///   - predictions: `[N, D]`.
  ///   - step: The training step.
  /// - Returns: The deviations, for the log; nil of a single frame, which has none, so that it is not judged.
  /// - Throws: `EMAError.collapsed` once `patience` is over, also if a deviation is NaN.
  @discardableResult
  public func check(
    targets: Tensor, predictions: Tensor, step: Int
  ) throws -> (targets: Float, predictions: Float)? {
    guard targets.shape[0] > 1 else { return nil }
    let found = (targets: Self.deviation(targets), predictions: Self.deviation(predictions))
    guard step > config.patience else { return found }
    try require(found.targets, atLeast: config.leastTargets, of: "targets", step)
    try require(found.predictions, atLeast: config.leastPredictions, of: "predictions", step)
    return found
  }

  private func require(
    _ deviation: Float, atLeast least: Float, of what: String, _ step: Int
  ) throws {
    guard !(deviation >= least) else { return }
    throw EMAError.collapsed(what: what, deviation: deviation, least: least, step: step)
  }
}
