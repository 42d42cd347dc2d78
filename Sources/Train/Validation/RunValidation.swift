import Audio
import Models
import Pretrain
import Tensor

/// Scores what an encoder has learned, by the name of each task: what a job is given to probe its model with.
public typealias TrainingProbe = (_ encoder: any Encoder, _ settings: Recipe.Probe) throws ->
  [String: Double]

/// The validation of a run: what measures it, and what was found so far.
struct RunValidation<Recipe: TrainingRecipe> {
  private let settings: Train.Recipe.Validation
  private let validator: Validator<Recipe.Model>
  private let probe: TrainingProbe?
  /// The last step of the recipe.
  private let last: Int
  /// What was found so far.
  private(set) var progress: ValidationProgress

  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - settings: What is held out, and how it is measured.
  ///   - material: The held-out files.
  ///   - probe: What probes the model.
  ///   - progress: What was found before the run was stopped.
  /// - Throws: `RunError.noData` if no held-out file is as long as a crop.
  init(
    _ recipe: Recipe, _ settings: Train.Recipe.Validation, on material: HeldOutMaterial,
    probe: TrainingProbe?, since progress: ValidationProgress
  ) throws {
    (self.settings, self.probe, self.progress) = (settings, probe, progress)
    last = recipe.training.steps
    let crop = Int((recipe.data.cropSeconds * Double(recipe.sampleRate)).rounded())
    let crops = (0..<material.audio.count).reduce(0) { $0 + material.audio.samples(of: $1) / crop }
    validator = Validator(
      recipe, settings,
      batches: try recipe.batches(
        of: TrainingMaterial(material.audio, labels: material.labels.crops)), crops: crops)
  }

  /// Why the run ends early; nil if it goes on.
  var reasonToEnd: String? { progress.reasonToEnd(settings) }

  /// Validates a step for which that is due.
  /// - Returns: What was measured, and whether it is the best so far; nil if nothing is due.
  mutating func validate(
    _ trainer: Trainer<Recipe.Model>
  ) throws -> (record: ValidationRecord, isBest: Bool)? {
    guard isDue(trainer.step, every: settings.every) else { return nil }
    let record = try validator.measure(trainer)
    return (record, progress.note(record, by: settings.measure))
  }

  /// Probes a step for which that is due; nil if nothing is.
  func probe(_ trainer: Trainer<Recipe.Model>) throws -> ProbeRecord? {
    guard let wanted = settings.probe, let probe, isProbeDue(trainer.step) else { return nil }
    let model = trainer.evaluated
    guard let encoder = model.probedEncoder else { return nil }
    defer { model.forEachParameter { $1.dropCachedCopies() } }
    return ProbeRecord(step: trainer.step, probe: try probe(encoder, wanted))
  }

  /// Whether a probe is due at a step.
  func isProbeDue(_ step: Int) -> Bool {
    settings.probe.map { isDue(step, every: $0.every) } ?? false
  }

  private func isDue(_ step: Int, every: Int) -> Bool { step % every == 0 || step == last }
}
