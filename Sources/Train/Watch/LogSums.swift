/// Sums over the steps since the last line of the log, from which the next line is made.
///
/// They are part of a checkpoint's state, and JSON holds a `Double` exactly. So a run that goes on between
/// two lines writes the same next line as one that never stopped.
struct LogSums: Codable, Equatable {
  private var loss = Mean()
  private var gradientNorm = Mean()
  private var terms: [String: Mean] = [:]

  /// Adds a step.
  mutating func add(_ outcome: StepOutcome) {
    loss.add(outcome.loss)
    gradientNorm.add(outcome.gradientNorm)
    for (name, value) in outcome.terms { terms[name, default: Mean()].add(value) }
  }

  /// The means in a record; the last step's learning rate, and no times.
  func record(_ step: Int, learningRate: Float) -> StepRecord {
    StepRecord(
      step: step, loss: loss.value, terms: terms.mapValues(\.value), learningRate: learningRate,
      gradientNorm: gradientNorm.value, secondsPerStep: 0, audioSecondsPerSecond: 0)
  }
}

/// The mean of numbers of which some may be NaN or infinite: that of the finite ones; the last one if none
/// is finite.
private struct Mean: Codable, Equatable {
  private var sum = 0.0
  private var count = 0
  /// The last number that was not finite, as JSON can hold it.
  private var flaw: String?

  mutating func add(_ number: Float) {
    guard number.isFinite else { return flaw = number.isNaN ? "nan" : "\(number)" }
    sum += Double(number)
    count += 1
  }

  var value: Float {
    count > 0 ? Float(sum / Double(count)) : flaw.flatMap(Float.init) ?? .nan
  }
}
