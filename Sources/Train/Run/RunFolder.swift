import Audio
import Files
import Foundation

/// What a run's folder holds, looked at before any work.
public enum RunFolder {
  /// Checks, before any work, that a run can begin or go on in a folder.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - start: Whether the run begins or goes on.
  ///   - recipe: The recipe.
  ///   - beginning: What a new run begins as; one that goes on must have begun as that, too.
  /// - Throws: `RunError` if the folder holds another run, or nothing to resume; `FileError` if another
  ///   process works there, or it cannot be looked at.
  public static func check(
    _ folder: URL, _ start: RunStart, recipe: some TrainingRecipe,
    startingAs beginning: StartingPoint = .init()
  ) throws {
    _ = try FolderLock(folder)
    _ = try resumption(folder, start, recipe: recipe, startingAs: beginning) { _ in }
  }

  /// - Returns: What the run goes on from; nil if it begins.
  static func resumption(
    _ folder: URL, _ start: RunStart, recipe: some TrainingRecipe,
    startingAs beginning: StartingPoint,
    remark: (String) -> Void
  ) throws -> Resumption? {
    guard try start.goesOn(in: folder, every: recipe.training.checkpointEvery) else { return nil }
    let resumption = try Resumption(of: folder, recipe: recipe, remark: remark)
    try resumption?.check(beginning, remark: remark)
    return resumption
  }

  /// The checkpoints of a run between two updates, by step.
  /// - Throws: `FileError` if they cannot be listed.
  public static func checkpoints(of folder: URL) throws -> [Int: URL] {
    let checkpoints = CheckpointFolder(url: folder.checkpoints)
    let whole = try checkpoints.positions().filter { $0.batch == 0 }
    return Dictionary(
      uniqueKeysWithValues: whole.map { ($0.step, checkpoints.checkpoint(at: $0)) })
  }

  /// The last step that a run has a whole checkpoint of; nil if it has none.
  /// - Throws: `RunError.checkpoint` if that is of another recipe, `.damaged` if none is whole; `FileError` if the
  ///   folder cannot be looked at.
  public static func latestStep(of folder: URL, recipe: some TrainingRecipe) throws -> Int? {
    try Resumption(of: folder, recipe: recipe)?.step
  }

  /// Whether a run has made its last step, or has ended early by its validations.
  /// - Throws: As `latestStep`.
  public static func isFinished(_ folder: URL, recipe: some TrainingRecipe) throws -> Bool {
    guard let run = try Resumption(of: folder, recipe: recipe) else { return false }
    let hasEnded = recipe.validation.flatMap { run.validation?.reasonToEnd($0) } != nil
    return run.step >= recipe.training.steps && !run.awaitsValidation || hasEnded
  }

  /// What differs between the data that the run in a folder was trained on and a collection, in words;
  /// nil if nothing does, or if the run is older and does not record its data. Audio is not decoded;
  /// files that changed since are read.
  /// - Throws: `FileError` or `RunError` if a file cannot be read.
  public static func dataDifferences(of folder: URL, from data: Manifest.Scan) throws -> String? {
    guard let known = try DataIdentity(of: folder) else { return nil }
    let information = try RunInformation(of: folder)
    let leftOut = information.skipped.map(\.path) + data.skipped.map(\.path)
    return try known.differences(from: data.manifest, leftOut: leftOut)
  }
}
