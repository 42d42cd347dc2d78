import Files

/// A line of `log.jsonl`.
protocol LogRecord: Encodable {
  /// After how many updates.
  var step: Int { get }
  /// Its numbers as TensorBoard shows them; none of a record that has none.
  var scalars: [EventScalar] { get }
}

/// The steps since the last line of the log, a line of `log.jsonl`.
///
/// Loss, terms and gradient norm are means over these steps. A number that is not finite is left out of
/// its mean; if all of them are not, the last of them stands here.
public struct StepRecord: Codable, Sendable, Equatable {
  /// Updates made, the last of these included.
  public var step: Int
  /// The loss that was minimised; a mean.
  public var loss: Float
  /// Its parts and other quantities worth watching, by name; means.
  public var terms: [String: Float]
  /// The learning rate of the last of these updates.
  public var learningRate: Float
  /// The gradient norm before clipping; a mean.
  public var gradientNorm: Float
  /// The mean time of a step, with all that happens between steps.
  public var secondsPerStep: Double
  /// The processor time of a step, of all cores together, with all that this process does between and beside steps; a
  /// mean. Nil in older logs.
  public var cpuSecondsPerStep: Double?
  /// Seconds of audio that went through the model per second.
  public var audioSecondsPerSecond: Double
  /// The part of the time that was not spent computing steps, from 0 to 1: waiting for crops, validating,
  /// writing the log and checkpoints. Nil in older logs.
  public var shareOutsideSteps: Double?
  /// How often the collection was gone through since the run began. Nil in older logs, and where a batch
  /// source has no epochs.
  public var epoch: Double?
  /// Hours of audio that went through the model since the run began. Nil in older logs.
  public var hoursHeard: Double?
  /// Updates left out since the run began, because their gradient was not finite. Nil in older logs.
  public var updatesLeftOut: Int?
  /// The memory in use at this step, in bytes. Nil in older logs, and on systems that do not show it.
  public var memoryBytes: Int?
  /// Where the time of a step goes, of several ranks; nil of one process.
  public var ranks: RankTimes?
  /// True in a line that is written early because the process ends after this step. A process that goes on
  /// drops the line, and the next one holds its steps, too. Nil in all others.
  public var isPartial: Bool?

  /// A line of the log, without what older logs do not hold.
  public init(
    step: Int, loss: Float, terms: [String: Float], learningRate: Float, gradientNorm: Float,
    secondsPerStep: Double, audioSecondsPerSecond: Double
  ) {
    (self.step, self.loss, self.terms) = (step, loss, terms)
    (self.learningRate, self.gradientNorm) = (learningRate, gradientNorm)
    (self.secondsPerStep, self.audioSecondsPerSecond) = (secondsPerStep, audioSecondsPerSecond)
  }
}

extension StepRecord: LogRecord {
  /// The loss, its terms, gradient norms, rate, speed, and how far the run is.
  var scalars: [EventScalar] {
    let fixed: [(tag: String, value: Double?)] = [
      ("loss", Double(loss)), ("gradient/norm", Double(gradientNorm)),
      ("schedule/learningRate", Double(learningRate)), ("speed/secondsPerStep", secondsPerStep),
      ("speed/cpuSecondsPerStep", cpuSecondsPerStep),
      ("speed/audioSecondsPerSecond", audioSecondsPerSecond),
      ("speed/shareOutsideSteps", shareOutsideSteps), ("progress/epoch", epoch),
      ("progress/hoursHeard", hoursHeard),
      ("progress/updatesLeftOut", updatesLeftOut.map(Double.init)),
      ("progress/memoryGB", memoryBytes.map { Double($0) / 1e9 }),
      ("speed/secondsWaiting", ranks?.waiting), ("speed/secondsExchanging", ranks?.exchanging),
    ]
    let named = terms.sorted { $0.key < $1.key }
      .map { EventScalar($0.key.replacing(".", with: "/"), $0.value) }
    return fixed.compactMap { tag, value in value.map { EventScalar(tag, Float($0)) } } + named
  }
}

/// Something that happened beside the steps.
public struct EventRecord: Codable, Sendable, Equatable {
  /// After how many updates.
  public var step: Int
  /// What happened, in a sentence.
  public var event: String

  /// Whether it records an update that was left out.
  public var isUpdateLeftOut: Bool { event.hasPrefix(Self.updateLeftOut) }
  static let updateLeftOut = "left out an update"
}

extension EventRecord: LogRecord {
  /// It has no numbers.
  var scalars: [EventScalar] { [] }
}
