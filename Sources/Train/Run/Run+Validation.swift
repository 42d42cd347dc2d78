import Cluster

/// What is measured on held-out pieces while a run trains.
extension Run {
  /// Validates and probes a sound step for which that is due. If held-out audio cannot be read any more, what there is
  /// is saved before the error ends the run, and the validation is made when the run goes on.
  /// - Returns: Whether it is the best so far.
  mutating func validate(_ watch: (TrainingEvent) -> Void) throws -> Bool {
    guard failures == 0 else { return false }
    awaitsValidation = true
    do {
      let isBest = try measure(watch)
      awaitsValidation = false
      return isBest
    } catch {
      save(before: error)
      throw error
    }
  }

  /// Makes the validation that an earlier process could not make, and saves what it shows.
  mutating func makeUpForValidation(_ watch: (TrainingEvent) -> Void) throws {
    guard awaitsValidation else { return }
    let isBest = try validate(watch)
    try save(because: isBest ? .step : .time)
  }

  private mutating func measure(_ watch: (TrainingEvent) -> Void) throws -> Bool {
    if validation?.isProbeDue(trainer.step) == true { try ranks.lead { try probe(watch) } }
    guard let found = try validation?.validate(trainer) else { return false }
    try log?.write(found.record)
    watch(.validated(found.record))
    if let reason = validation?.reasonToEnd { try note(reason) }
    return found.isBest
  }

  private func probe(_ watch: (TrainingEvent) -> Void) throws {
    guard let record = try validation?.probe(trainer) else { return }
    try log?.write(record)
    watch(.probed(record))
  }
}
