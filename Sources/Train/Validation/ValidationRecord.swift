import Files

/// The loss of held-out crops after a step, a line of `log.jsonl`.
public struct ValidationRecord: Codable, Sendable, Equatable {
  /// Updates made.
  public var step: Int
  /// What was measured.
  public var validation: Values

  /// The measured numbers.
  public struct Values: Codable, Sendable, Equatable {
    /// The mean loss of the held-out crops.
    public var loss: Float
    /// Its parts and other quantities worth watching, by name; means.
    public var terms: [String: Float]
    /// How many crops were measured.
    public var crops: Int
  }

  /// The loss after a step.
  public init(step: Int, loss: Float, terms: [String: Float], crops: Int) {
    (self.step, validation) = (step, Values(loss: loss, terms: terms, crops: crops))
  }
}

/// The scores of a probe after a step, a line of `log.jsonl`.
public struct ProbeRecord: Codable, Sendable, Equatable {
  /// Updates made.
  public var step: Int
  /// The score of each task, by its name.
  public var probe: [String: Double]

  /// The scores after a step.
  public init(step: Int, probe: [String: Double]) { (self.step, self.probe) = (step, probe) }
}

extension ValidationRecord: LogRecord {
  /// The loss and its terms, under `validation`.
  var scalars: [EventScalar] {
    [EventScalar("validation/loss", validation.loss)]
      + validation.terms.sorted { $0.key < $1.key }
      .map { EventScalar("validation/" + $0.key.replacing(".", with: "/"), $0.value) }
  }
}

extension ProbeRecord: LogRecord {
  /// The score of each task, under `probe`.
  var scalars: [EventScalar] {
    probe.sorted { $0.key < $1.key }.map { EventScalar("probe/" + $0.key, Float($0.value)) }
  }
}
