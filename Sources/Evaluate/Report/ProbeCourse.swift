/// What the kept checkpoints of a run reach: scores over its steps, the audio that went through the
/// model and the operations of its training.
public struct ProbeCourse: Codable, Sendable, Equatable {
  /// The model after some step.
  public struct Point: Codable, Sendable, Equatable {
    /// Updates made; 0 of a random initialisation.
    public var step: Int
    /// Hours of audio that went through the model.
    public var hoursHeard: Double
    /// Floating-point operations of the products of its steps. Those of teachers and labels do not count.
    public var operations: Double
    /// A result for each task.
    public var results: [ProbeResult]

    /// Stores all parts.
    public init(step: Int, hoursHeard: Double, operations: Double, results: [ProbeResult]) {
      (self.step, self.hoursHeard) = (step, hoursHeard)
      (self.operations, self.results) = (operations, results)
    }

    /// The result on a task.
    func result(on task: String) -> ProbeResult? { results.first { $0.task == task } }
  }

  /// The run's name.
  public var model: String
  /// By rising step, from the random initialisation to the last checkpoint.
  public var points: [Point]

  /// Stores all parts.
  public init(model: String, points: [Point]) { (self.model, self.points) = (model, points) }
}

extension ProbeCourse {
  /// What scores are drawn over.
  enum Effort: CaseIterable {
    case steps, hours, operations

    /// In a heading.
    var words: String {
      switch self {
      case .steps: "the steps of the training"
      case .hours: "the hours heard"
      case .operations: "the operations of the training"
      }
    }

    /// What it is counted in, in words, where this is the largest amount.
    func unit(for largest: Double) -> (name: String, size: Double) {
      switch self {
      case .steps: return ("steps", 1)
      case .hours: return ("hours heard", 1)
      case .operations:
        let unit = OperationUnit(for: largest)
        return (unit.name, unit.size)
      }
    }

    /// How much of it led to a point: steps, hours, operations.
    func amount(_ point: Point) -> Double {
      switch self {
      case .steps: Double(point.step)
      case .hours: point.hoursHeard
      case .operations: point.operations
      }
    }
  }
}
