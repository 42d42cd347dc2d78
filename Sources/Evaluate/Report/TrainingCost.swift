/// What a training took.
public struct TrainingCost: Codable, Sendable, Equatable {
  /// Hours of audio that went through the model, all crops of all steps.
  public var hoursHeard: Double
  /// Floating-point operations of the products of its steps, as `etude plan` counts them.
  public var operations: Double
  /// Those of the earlier trainings that its teachers come from, as planned; 0 without any.
  public var stageOperations: Double
  /// Processor time of its steps in seconds, all cores together, by its log; nil where an older log has none.
  public var cpuSeconds: Double?

  /// Stores all parts.
  public init(
    hoursHeard: Double, operations: Double, stageOperations: Double = 0, cpuSeconds: Double? = nil
  ) {
    (self.hoursHeard, self.operations) = (hoursHeard, operations)
    (self.stageOperations, self.cpuSeconds) = (stageOperations, cpuSeconds)
  }

  /// The mean of the costs of several trainings; the processor time is that of all, or not known. Nil without any.
  init?(meanOf costs: [TrainingCost]) {
    guard !costs.isEmpty else { return nil }
    let count = Double(costs.count)
    func mean(_ part: (TrainingCost) -> Double) -> Double {
      costs.reduce(0) { $0 + part($1) } / count
    }
    let times = costs.compactMap(\.cpuSeconds)
    self.init(
      hoursHeard: mean(\.hoursHeard), operations: mean(\.operations),
      stageOperations: mean(\.stageOperations),
      cpuSeconds: times.count == costs.count ? times.reduce(0, +) / count : nil)
  }
}

extension RunSummary {
  /// What one training of the recipe took, the mean of those that made all their steps; nil if that is not known.
  var cost: TrainingCost? {
    let whole = trainings.filter { $0.stopped == nil }
    let costs = whole.compactMap(\.cost)
    return costs.count == whole.count ? TrainingCost(meanOf: costs) : nil
  }
}
