import Foundation
import Optimisation

/// A checkpoint that a run goes on from, and what has to be as it was.
struct Resumption: Codable {
  /// The checkpoint, which is whole.
  let checkpoint: URL
  private let run: URL
  private let state: RunState
  private var damaged: [CheckpointFolder.Damaged] = []
  /// The audio of the checkpoint, file by file; that of the run so far if the run's folder has no other.
  let data: DataIdentity?

  /// What other ranks have to know; the damaged checkpoints are the first one's affair.
  private enum CodingKeys: CodingKey {
    case checkpoint, run, state, data
  }

  /// The latest whole checkpoint of a run; nil if it has no checkpoints.
  ///
  /// - Parameters:
  ///   - run: The run's folder.
  ///   - recipe: The recipe that it goes on with.
  ///   - remark: Called with what differs and may differ.
  /// - Throws: `RunError.damaged` if no checkpoint is whole, `.checkpoint` if it is of another recipe; `FileError`.
  init?(of run: URL, recipe: some TrainingRecipe, remark: (String) -> Void = { _ in }) throws {
    guard let found = try CheckpointFolder(url: run.checkpoints).latestWhole() else { return nil }
    (self.run, checkpoint, damaged) = (run, found.checkpoint, found.damaged)
    state = try RunState(of: checkpoint)
    data = try DataIdentity.known(of: run, fingerprint: state.data)
    try check(recipe, remark)
  }

  /// The step that it goes on from.
  var step: Int { state.step }
  /// Updates in a row that were left out up to there.
  var failures: Int { state.failures ?? 0 }
  /// What the validations had shown; nil without validation.
  var validation: ValidationProgress? { state.validation }
  /// Whether the validation after its step failed, so that it is made first.
  var awaitsValidation: Bool { state.awaitsValidation ?? false }
  /// The model that the run began as; nil if that was random.
  var start: ModelIdentity? { state.start }
  /// The steps since the last line of the log; nil of an older checkpoint.
  var sums: LogSums? { state.sums }

  /// How its epochs are ordered.
  var order: EpochOrder { state.order ?? .shuffled }
  /// The fingerprint of its labels; nil without any.
  var labels: String? { state.labels }

  private func check(_ recipe: some TrainingRecipe, _ remark: (String) -> Void) throws {
    let stored = try recipe.stored(state.recipe, in: checkpoint, by: state.etude)
    let differences = try recipe.differences(from: stored)
    guard differences.isEmpty else {
      throw failure(
        "its recipe differs: \(differences); go on with \(run.recipeFile.path) or choose another folder"
      )
    }
    try checkLength(recipe, stored, remark)
  }

  /// A run may end at another step if its rates so far are those of a run of that length.
  private func checkLength<Recipe: TrainingRecipe>(
    _ recipe: Recipe, _ stored: Recipe, _ remark: (String) -> Void
  ) throws {
    let (steps, former) = (recipe.training.steps, stored.training.steps)
    guard steps != former else { return }
    let change = "training.steps is \(steps) and was \(former)"
    guard steps >= state.step else {
      throw failure("\(change), and the run is at step \(state.step); choose a later step")
    }
    let (now, before) = (
      Schedule(recipe.schedule, steps: steps), Schedule(stored.schedule, steps: former)
    )
    if let step = (0..<state.step).first(where: { now.rate(at: $0) != before.rate(at: $0) }) {
      throw failure(
        "\(change), which changes the learning rate from step \(step) on, and the run is at step "
          + "\(state.step): the length can change as long as the rate does not depend on it; go on with "
          + "training.steps \(former), or begin a run with --init \(checkpoint.path) --keep-heads")
    }
    remark(
      "\(run.path): \(change); the learning rates so far are the same, so the run equals one that had this length "
        + "from the start" + remainders(ofLast: former, recipe))
  }

  /// What is there only because a step was the last one, in words: a run that was longer from the start lacks it.
  private func remainders(ofLast step: Int, _ recipe: some TrainingRecipe) -> String {
    guard state.step == step else { return "" }
    let all: [(what: String, every: Int?)] = [
      ("log line", recipe.training.logEvery), ("validation", recipe.validation?.every),
      ("probe", recipe.validation?.probe?.every),
    ]
    let extra = all.filter { $0.every.map { step % $0 != 0 } ?? false }.map(\.what)
    guard !extra.isEmpty else { return "" }
    return ", but for the \(extra.joined(separator: " and ")) of step \(step), its last so far"
  }

  /// Names the damaged checkpoints that are later than this one, and gives them another name.
  /// - Throws: `FileError`.
  func setAsideDamaged(_ remark: (String) -> Void) throws {
    let folder = CheckpointFolder(url: run.checkpoints)
    for flaw in damaged {
      let name = try folder.setAside(flaw)
      remark(
        "\(flaw.problem); it is now \(name), which you may remove, and the run goes on from "
          + checkpoint.lastPathComponent)
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

  /// Keeps the audio of the checkpoint in the run's folder, if the run goes on with other audio: before its next
  /// checkpoint it may have to go on from this one again.
  /// - Throws: `FileError`.
  func keepData(besides audio: DataIdentity) throws {
    guard let known, known.fingerprint != audio.fingerprint else { return }
    try known.keep(in: run)
  }

  /// What the validations had shown, if it was validated on these files.
  ///
  /// - Parameter acceptingOthers: Accepts other files, with a remark; the best is then sought anew.
  /// - Throws: `RunError.otherData`.
  func progress(
    on heldOut: DataIdentity, acceptingOthers: Bool, remark: (String) -> Void
  ) throws -> ValidationProgress {
    let anew = ValidationProgress(of: heldOut)
    guard let known = state.validation, known.data != anew.data else {
      return state.validation ?? anew
    }
    guard acceptingOthers else {
      throw RunError.otherData(run.path, "the files that are held out for validation differ")
    }
    remark("\(run.path): is validated on other files from here on")
    return anew
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
