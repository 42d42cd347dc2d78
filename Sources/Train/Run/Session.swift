import Audio
import Foundation
import Models
import Pretrain
import Tensor

/// Everything from a recipe and a folder of music to a trained model: decode or look through, teach what is not
/// taught yet, train. `etude pretrain` and `etude compare` are this with a progress line.
public struct Session {
  /// What the session is doing, for whoever watches.
  public enum Stage: Sendable {
    /// Files decoded, of how many.
    case decoding(Int, of: Int)
    /// A file that is left out, and why.
    case skipped(Manifest.Skipped)
    /// Files labelled, of how many.
    case teaching(Int, of: Int)
    /// What a teacher's labels are like.
    case taught(Teaching.Summary)
    /// Training begins: parameters, the step it goes on from.
    case started(parameters: Int, step: Int)
    /// A logged step, of how many.
    case step(StepRecord, of: Int)
  }

  private let recipe: Recipe
  private let manifest: Manifest
  private let audio: any AudioSource
  private let skipped: [Manifest.Skipped]
  private let watch: (Stage) -> Void

  /// Opens a collection for a recipe, as its `data.decoding` says.
  ///
  /// - Parameters:
  ///   - data: The files, and those left out already while a folder was scanned.
  ///   - scratch: A folder for the decoded audio.
  /// - Throws: `AudioError` if nothing usable is left.
  public init(
    _ recipe: Recipe, data: Manifest.Scan, scratch: URL, watch: @escaping (Stage) -> Void
  ) throws {
    try recipe.validate()
    guard recipe.teacher.rvq == nil else { throw RunError.untrainable(recipe.name) }
    (self.recipe, manifest, self.watch) = (recipe, data.manifest, watch)
    audio = try recipe.data.source(
      of: data, sampleRate: recipe.encoder.sampleRate, scratch: scratch
    ) { watch(.decoding($0, of: $1)) }
    skipped = data.skipped + audio.skipped
    for file in skipped { watch(.skipped(file)) }
  }

  /// Fits the teachers and writes labels into `folder`.
  public func teach(into folder: URL) throws {
    let summaries = try Teaching(recipe, folder: folder).teach(audio, from: manifest) {
      watch(.teaching($0, of: $1))
    }
    for summary in summaries { watch(.taught(summary)) }
  }

  /// Trains in `folder`.
  ///
  /// - Parameters:
  ///   - labels: Where the teachers' labels are; they are made there first if they are missing.
  ///   - resuming: Goes on from the latest checkpoint.
  ///   - limit: Stops after this step, before the recipe's last.
  ///   - encoder: Where a new run begins instead of at random.
  ///   - heads: Where its heads begin instead of at random.
  public func train(
    in folder: URL, labels: URL, resuming: Bool = false, until limit: Int? = nil,
    startingFrom encoder: AudioEncoder? = nil, heads: PretrainingHeads? = nil
  ) throws {
    let teaching = Teaching(recipe, folder: labels)
    if !teaching.isDone { try teach(into: labels) }
    let taught = try teaching.labels(of: audio, from: manifest)
    let sampler = try CropSampler(audio, codes: taught.codes, recipe: recipe)
    var run = try PretrainingRun(
      recipe, folder: folder, sampler: sampler, codebooks: taught.codebooks,
      labels: taught.fingerprint, resuming: resuming, startingFrom: encoder, heads: heads)
    try RunInformation(
      audio, root: manifest.root, skipped: skipped, parameters: run.parameterCount
    ).write(to: folder)
    watch(.started(parameters: run.parameterCount, step: run.step))
    let last = min(recipe.training.steps, limit ?? .max)
    try run.train(until: limit) { watch(.step($0, of: last)) }
  }
}
