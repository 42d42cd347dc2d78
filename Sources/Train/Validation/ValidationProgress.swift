/// What the validations of a run have shown so far; kept in its checkpoints.
struct ValidationProgress: Codable, Equatable {
  /// The held-out files, by content: `DataIdentity.fingerprint`.
  let data: String
  /// The best value so far; nil before the first validation.
  private(set) var best: Float?
  /// The step that had it.
  private(set) var bestStep: Int?
  /// Validations after it.
  private(set) var sinceBest = 0

  /// Of a run that is not validated yet.
  init(of data: DataIdentity) { self.data = data.fingerprint }

  /// Where the best checkpoint is; nil before the first validation.
  var bestPosition: TrainingPosition? { bestStep.map { TrainingPosition(step: $0) } }

  /// Takes a validation into account.
  /// - Returns: Whether it is the best so far.
  mutating func note(_ record: ValidationRecord, by measure: Recipe.Measure) -> Bool {
    guard let value = measure.value(of: record), value.isFinite,
      best.map({ measure.isBetter(value, than: $0) }) ?? true
    else {
      sinceBest += 1
      return false
    }
    (best, bestStep, sinceBest) = (value, record.step, 0)
    return true
  }

  /// Why a run ends early; nil if it goes on.
  func reasonToEnd(_ validation: Recipe.Validation) -> String? {
    guard validation.patience > 0, sinceBest >= validation.patience else { return nil }
    let found = best.map { "\($0) at step \(bestStep ?? 0)" } ?? "none that is finite"
    return
      "ended early: \(sinceBest) validations without a better \(validation.measure.rawValue) than "
      + found
  }
}
