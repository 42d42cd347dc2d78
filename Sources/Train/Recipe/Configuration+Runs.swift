import Optimisation
import Settings

extension Configuration {
  /// Throws if a run's folder cannot have this name.
  func requireFolderName(_ path: String, _ name: String) throws(InvalidSetting) {
    if let flaw = folderNameFlaw(name) {
      throw InvalidSetting(
        path, "'\(name.shortened)' \(flaw); a run's folder has this name, so choose another")
    }
  }

  /// A rate that is still rising when the run ends is not the one that the recipe names.
  func requireWholeSchedule(_ schedule: Schedule.Config, steps: Int) throws(InvalidSetting) {
    let decay = schedule.kind == .triStage ? schedule.decaySteps : 0
    guard schedule.warmupSteps + decay > steps else { return }
    let shares = [
      (name: "warmupSteps", steps: schedule.warmupSteps, fitting: steps / 10),
      (name: "decaySteps", steps: decay, fitting: steps / 5),
    ].filter { $0.steps > 0 }
    let found = shares.map { "\($0.name) \($0.steps)" }.joined(separator: " and ")
    let remedy = shares.map { "schedule.\($0.name) to \(min($0.steps, $0.fitting))" }
    let longest = shares.max { $0.steps < $1.steps }!.name
    throw InvalidSetting(
      "schedule.\(longest)",
      "\(found) are more steps than the run has, training.steps \(steps); raise that, or lower "
        + remedy.joined(separator: " and "),
      against: shares.map { "schedule.\($0.name)" } + ["training.steps"])
  }
}
