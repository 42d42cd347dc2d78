import Foundation
import Tensor

/// A checkpoint that a run goes on from, and what has to be as it was.
struct Resumption {
  /// The checkpoint.
  let checkpoint: URL
  private let run: URL
  private let state: RunState
  /// The audio of the run so far, file by file, if the run's folder has it.
  let data: DataIdentity?

  /// - Throws: `RunError.checkpoint` if the checkpoint is damaged or of another recipe; `FileError`.
  init(_ checkpoint: URL, of run: URL, recipe: some TrainingRecipe) throws {
    (self.checkpoint, self.run) = (checkpoint, run)
    state = try RunState(of: checkpoint)
    data = try DataIdentity(of: run)
    try check(recipe)
  }

  /// The step that it goes on from.
  var step: Int { state.step }
  /// The model that the run began as; nil if that was random.
  var start: ModelIdentity? { state.start }

  /// How its epochs are ordered.
  var order: EpochOrder { state.order ?? .shuffled }
  /// The fingerprint of its labels; nil without any.
  var labels: String? { state.labels }

  private func check(_ recipe: some TrainingRecipe) throws {
    let differences = try recipe.differences(
      fromStored: state.recipe, of: checkpoint, by: state.etude)
    guard differences.isEmpty else {
      throw failure(
        "its recipe differs: \(differences); go on with \(run.recipeFile.path) or choose another folder"
      )
    }
  }

  /// Checks that the run began as this.
  /// - Throws: `RunError.checkpoint`.
  func check(_ beginning: StartingPoint, remark: (String) -> Void) throws {
    guard let wanted = beginning.identity else { return }
    guard state.data != nil else {
      return remark(
        "\(checkpoint.path): does not record what the run began as, as older ones do not; taken to be "
          + wanted.name)
    }
    guard start?.hash == wanted.hash, start?.keepsHeads == wanted.keepsHeads else {
      throw failure(
        "the run began \(start?.summary ?? "at random") and not \(wanted.summary); leave out --init, "
          + "or choose another folder")
    }
  }

  /// Checks that the targets of the run were computed with these files.
  ///
  /// - Parameter sources: Their identity.
  /// - Throws: `RunError.checkpoint`.
  func check(sources: String?) throws {
    guard state.sources != sources else { return }
    throw failure(
      "a file that its targets are computed with differs, \(sources ?? "none") and not "
        + "\(state.sources ?? "none"); put back the one it was trained with")
  }

  /// Checks that the run was trained on this audio.
  ///
  /// - Parameter acceptingOthers: Accepts other audio, with a remark.
  /// - Throws: `RunError.otherData`.
  func check(
    _ audio: DataIdentity, acceptingOthers: Bool, remark: (String) -> Void
  ) throws {
    guard let recorded = state.data else {
      return remark(
        "\(checkpoint.path): does not record its data, as older ones do not; taken to be the same")
    }
    guard recorded != audio.fingerprint else { return }
    let difference = known.flatMap(audio.differences) ?? "nothing tells which files"
    guard acceptingOthers else { throw RunError.otherData(run.path, difference) }
    remark("\(run.path): goes on with other data: \(difference)")
  }

  /// Checks that the run was trained on these labels: of accepted audio, on those of the files that did
  /// not change.
  ///
  /// - Parameter labels: Their fingerprint.
  /// - Throws: `RunError.checkpoint`.
  func check(labels: String?, of audio: DataIdentity) throws {
    guard state.labels != labels else { return }
    let isOtherAudio = state.data != nil && state.data != audio.fingerprint
    if isOtherAudio, let known, audio.relabelled(since: known).isEmpty { return }
    throw failure("its labels differ; resume with those it was trained on")
  }

  /// The audio of before, if it is that of the checkpoint.
  private var known: DataIdentity? { data?.fingerprint == state.data ? data : nil }

  private func failure(_ reason: String) -> RunError {
    .checkpoint(checkpoint.path, reason: reason)
  }
}
