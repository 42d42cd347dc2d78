import Audio
import Cluster
import Files
import Foundation
import MelModels
import Models

/// The earlier recipes that a recipe's teachers come from, `teacher.kmeans[].layer.recipe`, and the runs
/// in which they are trained: one folder each, by the recipe's name.
///
/// ```swift
/// let stages = Stages(of: recipe, in: run.stages)
/// try stages.train(on: data, scratch: run, watch: { _ in })   // nothing if all are trained
/// ```
public struct Stages {
  /// The recipes, in the order in which they have to be trained.
  public let recipes: [any TrainingRecipe]
  private let name: String
  /// Where the runs lie or will lie.
  let folder: URL

  /// - Parameters:
  ///   - recipe: The recipe whose teachers need them.
  ///   - folder: Where the runs lie or will lie.
  public init(of recipe: some TrainingRecipe, in folder: URL) {
    (recipes, name, self.folder) = (recipe.stages, recipe.name, folder)
  }

  /// Trains those that are not trained to their last step, each from where it is.
  ///
  /// - Parameters:
  ///   - data: The music.
  ///   - scratch: A folder for decoded audio that no cache keeps.
  ///   - cache: What keeps decoded audio for other runs; nil if nothing does.
  ///   - acceptingOtherData: Takes stages that were trained on other audio, too.
  ///   - stop: Ends the training early.
  ///   - probe: What probes the models of stages that have `validation.probe`.
  ///   - placement: The ranks that train them together; this process alone unless given.
  ///   - watch: Called with each event.
  /// - Throws: `TrainingStopped` if that was asked for; `RunError.stage` if one collapses or diverges, or did earlier;
  ///   `RunError.checkpoint` if the folder of a stage holds a run of another recipe, `.otherData` if it holds one of
  ///   other audio.
  public func train(
    on data: Manifest.Scan, scratch: URL, cache: AudioCache? = nil,
    acceptingOtherData: Bool = false, stop: StopRequest = StopRequest(),
    probe: TrainingProbe? = nil, placement: Placement = .alone,
    watch: @escaping (TrainingEvent) -> Void
  ) throws {
    for stage in recipes {
      try train(
        stage, on: data, scratch: scratch, cache: cache, acceptingOtherData: acceptingOtherData,
        stop: stop, probe: probe, placement, watch: watch)
    }
    try share(among: placement.ranks)
  }

  /// Gives every rank the last checkpoints of the stages, if its disk lacks them. None is sent of a stage without one.
  /// - Throws: `ClusterError`; `FileError`.
  func share(among ranks: Ranks) throws {
    guard ranks.count > 1 else { return }
    for stage in recipes {
      let run = run(of: stage)
      for name in try ranks.lead({ try checkpointFiles(of: run) }) {
        try ranks.share(run.checkpoints.appendingPathComponent(name))
      }
    }
  }

  /// The files of the last checkpoint of a run, below its checkpoints; none if it has none.
  private func checkpointFiles(of run: URL) throws -> [String] {
    guard let checkpoint = try run.latestCheckpoint else { return [] }
    return try Presence.files(in: checkpoint).map { "\(checkpoint.lastPathComponent)/\($0)" }
  }

  private func train(
    _ stage: some TrainingRecipe, on data: Manifest.Scan, scratch: URL, cache: AudioCache?,
    acceptingOtherData: Bool, stop: StopRequest, probe: TrainingProbe?, _ placement: Placement,
    watch: @escaping (TrainingEvent) -> Void
  ) throws {
    let run = run(of: stage)
    let isFinished = try placement.ranks.lead {
      let isFinished = try RunFolder.isFinished(run, recipe: stage)
      if isFinished, !acceptingOtherData { try checkData(of: run, stage.trainingFiles(of: data)) }
      return isFinished
    }
    if isFinished { return }
    if let known = try placement.ranks.lead({ try knownStop(of: stage, on: data) }) {
      throw RunError.stage(stage.name, known, in: run.path)
    }
    watch(.stage(stage.name, for: name))
    let job = try TrainingJob(
      stage, data: data, scratch: scratch, cache: cache, stop: stop, probe: probe,
      placement: placement, watch: watch)
    do {
      try job.train(
        in: run, labels: run.labels, stages: folder, .resumingIfThere,
        acceptingOtherData: acceptingOtherData)
    } catch {
      guard let stop = try job.runStop(by: error, in: run) else { throw error }
      throw RunError.stage(stage.name, stop, in: run.path)
    }
  }

  /// Why a stage was stopped earlier, as it would be again.
  private func knownStop(
    of stage: some TrainingRecipe, on data: Manifest.Scan
  ) throws -> RunStop? {
    let files = try stage.trainingFiles(of: data).manifest
    let stop = try RunStop(of: run(of: stage))
    return try stop?.applies(to: stage, on: files) == true ? stop : nil
  }

  private func checkData(of run: URL, _ data: Manifest.Scan) throws {
    guard let difference = try RunFolder.dataDifferences(of: run, from: data) else {
      return
    }
    throw RunError.otherData(run.path, difference)
  }

  /// The encoder of a trained stage.
  /// - Throws: `RunError.checkpoint` if it is not trained to its end.
  func encoder(of stage: Recipe) throws -> any Encoder {
    try Encoders.load(checkpoint(of: stage))
  }

  /// The last checkpoint of a trained stage: what it published.
  /// - Throws: As above.
  func checkpoint(of stage: some TrainingRecipe) throws -> URL {
    let run = run(of: stage)
    guard try RunFolder.isFinished(run, recipe: stage), let checkpoint = try run.latestCheckpoint
    else {
      throw RunError.checkpoint(
        run.path, reason: "'\(stage.name)' is not trained to its last step; train it first")
    }
    return checkpoint
  }

  private func run(of stage: some TrainingRecipe) -> URL {
    folder.appendingPathComponent(stage.name)
  }
}

extension URL {
  /// Where a run trains the earlier stages that its recipe needs.
  public var stages: URL { appendingPathComponent("stages") }
}
