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
    /// An earlier stage of this name is trained first, for the named recipe.
    case stage(String, for: String)
    /// A file that is left out, and why.
    case skipped(Manifest.Skipped)
    /// Files heard to fit a teacher, of how many.
    case fitting(Int, of: Int)
    /// Files labelled, of how many.
    case teaching(Int, of: Int)
    /// What a label set is like.
    case taught(LabelQuality)
    /// Training begins: parameters, the step it goes on from.
    case started(parameters: Int, step: Int)
    /// A logged step, of how many.
    case step(StepRecord, of: Int)
  }

  private let recipe: Recipe
  private let data: Manifest.Scan
  private let scratch: URL
  private let watch: (Stage) -> Void

  /// A recipe and the collection for it, which is not looked at yet.
  ///
  /// - Parameters:
  ///   - data: The files, and those left out already while a folder was scanned.
  ///   - scratch: A folder for the decoded audio.
  /// - Throws: `RunError.recipe` if the recipe does not hold together.
  public init(
    _ recipe: Recipe, data: Manifest.Scan, scratch: URL, watch: @escaping (Stage) -> Void
  ) throws {
    try recipe.check()
    (self.recipe, self.data, self.scratch, self.watch) = (recipe, data, scratch, watch)
  }

  /// Fits the teachers and writes labels into `folder`.
  ///
  /// - Parameter stages: Where earlier stages are trained, `folder/stages` unless given.
  /// - Returns: What each label set is like.
  /// - Throws: `AudioError` if nothing usable is left.
  @discardableResult
  public func teach(into folder: URL, stages: URL? = nil) throws -> [LabelQuality] {
    let stages = stages ?? folder.stages
    let teaching = Teaching(recipe, folder: folder, stages: stages)
    try prepare(stages: stages, for: teaching)
    return try teach(open(), by: teaching)
  }

  /// Trains in `folder`.
  ///
  /// - Parameters:
  ///   - labels: Where the teachers' labels are; they are made there first if they are missing.
  ///   - stages: Where the earlier stages are trained whose models teach, `folder/stages` unless given.
  ///   - resuming: Goes on from the latest checkpoint.
  ///   - limit: Stops after this step, before the recipe's last.
  ///   - encoder: Where a new run begins instead of at random.
  ///   - heads: Where its heads begin instead of at random.
  /// - Throws: `AudioError` if nothing usable is left; before any work `RunError.memory` or `.precision` if
  ///   this machine cannot train the recipe.
  public func train(
    in folder: URL, labels: URL, stages: URL? = nil, resuming: Bool = false,
    until limit: Int? = nil, startingFrom encoder: AudioEncoder? = nil,
    heads: PretrainingHeads? = nil
  ) throws {
    let stages = stages ?? folder.stages
    try recipe.checkMachine()
    let teaching = Teaching(recipe, folder: labels, stages: stages)
    let isTaught = teaching.isDone
    if !isTaught { try prepare(stages: stages, for: teaching) }
    let audio = try open()
    if !isTaught { _ = try teach(audio, by: teaching) }
    let taught = try teaching.labels(of: audio, from: data.manifest)
    let sampler = try CropSampler(audio, codes: taught.codes, recipe: recipe)
    var run = try PretrainingRun(
      recipe, folder: folder, sampler: sampler, codebooks: taught.codebooks,
      labels: taught.fingerprint, resuming: resuming, startingFrom: encoder, heads: heads)
    try RunInformation(
      audio, root: data.manifest.root, skipped: data.skipped + audio.skipped,
      parameters: run.parameterCount
    ).write(to: folder)
    watch(.started(parameters: run.parameterCount, step: run.step))
    let last = min(recipe.training.steps, limit ?? .max)
    try run.train(until: limit) { watch(.step($0, of: last)) }
  }
}

extension Session {
  /// Stages are trained before the audio is opened, so that it does not lie on the disk twice.
  private func prepare(stages: URL, for teaching: Teaching) throws {
    try teaching.checkSources()
    for stage in recipe.stages { try stage.checkMachine() }
    try Stages(of: recipe, in: stages).train(on: data, scratch: scratch, watch: watch)
  }

  /// The collection, as `data.decoding` says.
  private func open() throws -> any AudioSource {
    for file in data.skipped { watch(.skipped(file)) }
    let audio = try recipe.data.source(
      of: data, sampleRate: recipe.encoder.sampleRate, scratch: scratch
    ) { watch(.decoding($0, of: $1)) }
    for file in audio.skipped { watch(.skipped(file)) }
    return audio
  }

  private func teach(
    _ audio: any AudioSource, by teaching: Teaching
  ) throws -> [LabelQuality] {
    let qualities = try teaching.teach(
      audio, from: data.manifest, fitting: { watch(.fitting($0, of: $1)) },
      progress: { watch(.teaching($0, of: $1)) })
    for quality in qualities { watch(.taught(quality)) }
    return qualities
  }
}
