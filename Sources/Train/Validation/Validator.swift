import Audio
import Cluster
import Models
import Pretrain
import Tensor

/// Measures how well a learner predicts held-out crops: the same crops and masks each time, without dropout. Nothing of
/// it enters training.
struct Validator<Model: Learner> {
  private let batches: any BatchSource<Model.Batch>
  /// The batches that are measured.
  private let numbers: Range<Int>
  private let precision: Precision

  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - validation: Its numbers of validation.
  ///   - batches: The batches of the held-out files.
  ///   - crops: The crops of an epoch of these.
  init<R: TrainingRecipe>(
    _ recipe: R, _ validation: Recipe.Validation, batches: any BatchSource<Model.Batch>, crops: Int
  ) where R.Model == Model {
    self.batches = batches
    precision = recipe.training.precision
    numbers = 0..<max(1, min(validation.crops, crops) / recipe.training.batchSize)
  }

  /// The loss of the held-out crops by the weights of now, averaged if the recipe averages them.
  ///
  /// Each batch weighs as much as it has predictions, as in an update.
  /// - Throws: What keeps the audio from being read.
  func measure(_ trainer: Trainer<Model>) throws -> ValidationRecord {
    let model = trainer.evaluated
    // Packed weights would take room beside the activations of the next step.
    defer { model.forEachParameter { $1.dropCachedCopies() } }
    var (loss, terms, weight) = (0.0, [String: Double](), 0.0)
    for batch in try measured(by: model, step: trainer.step, among: trainer.ranks) {
      loss += batch.weight * Double(batch.loss)
      for (name, value) in batch.terms { terms[name, default: 0] += batch.weight * Double(value) }
      weight += batch.weight
    }
    return ValidationRecord(
      step: trainer.step, loss: Float(loss / weight), terms: terms.mapValues { Float($0 / weight) },
      crops: numbers.reduce(0) { $0 + batches.samples(ofBatch: $1).count })
  }

  /// What was measured of a batch.
  private struct Measured: Codable {
    var loss: Float
    var terms: [String: Float]
    var weight: Double
  }

  /// All batches in order, of which each rank measures a part.
  private func measured(by model: Model, step: Int, among ranks: Ranks) throws -> [Measured] {
    let part = ranks.share(of: numbers.count)
    let own = try ranks.agree {
      try part.map { number in
        let found = try model.heldOutLoss(
          of: batches.batch(number), samples: batches.samples(ofBatch: number), step: step,
          precision: precision)
        return Measured(
          loss: found.loss.total.scalar, terms: found.loss.terms, weight: Double(found.weight))
      }
    }
    return try ranks.gather(own)
  }
}
