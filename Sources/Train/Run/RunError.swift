import Settings
import Tensor

/// What can be wrong with a run's folder or its recipe.
public enum RunError: Error, CustomStringConvertible {
  /// The folder holds another run.
  case occupied(String)
  /// A folder that is no run's, or is not there.
  case noRun(String, isThere: Bool)
  /// There is nothing to resume.
  case nothingToResume(String)
  /// The folder holds the log of a run that reached a step, or had checkpoints before that, but no checkpoint.
  case checkpointsMissing(String, logged: Int?)
  /// A file of a checkpoint is not as it was written.
  case damaged(String, reason: String)
  /// A checkpoint does not fit the recipe.
  case checkpoint(String, reason: String)
  /// The run was trained on other audio: what differs.
  case otherData(String, String)
  /// A line of a log is damaged.
  case log(String, line: Int)
  /// A folder of labels holds those of another teacher or of other audio: of which, and what to do.
  case otherLabels(String, reason: String)
  /// Settings of a recipe that contradict each other.
  case recipe(String, reason: String)
  /// A step of the recipe needs more bytes of memory than there are; and what to do.
  case memory(String, needed: Double, available: UsableMemory, remedy: String)
  /// The recipe's codes are not there, and cannot be made here.
  case untrainable(String)
  /// No file is long enough for a crop.
  case noData(String, seconds: Double)
  /// Training cannot go on.
  case diverged(step: Int, reason: String)
  /// The training of a stage that a recipe needs cannot go on: its name, why, and the folder of its run.
  case stage(String, RunStop, in: String)
  /// Runs of a comparison whose training cannot go on, and why.
  case stopped([(run: String, reason: String)])

  /// The name of the recipe that is at fault, if one is.
  public var recipe: String? {
    switch self {
    case .recipe(let name, _), .memory(let name, _, _, _), .untrainable(let name): name
    default: nil
    }
  }

  /// One line with the remedy.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .occupied(let path):
      "\(path): holds a run already; pass --resume to go on with it, or choose another folder"
    case .noRun(let path, let isThere):
      isThere
        ? "\(path): holds no run; name the folder of a run"
        : "\(path): no such folder; check the path"
    case .nothingToResume(let path):
      "\(path): holds no checkpoint to resume; start the run without --resume, or with "
        + "--resume-if-there, which begins or goes on"
    case .checkpointsMissing(let path, let logged):
      "\(path): \(trace(logged)), but there is no checkpoint; mount their disk if "
        + "checkpoints lie on another, remove log.jsonl to begin anew, or choose another folder"
    case .otherData(let path, let difference):
      "\(path): was trained on other data: \(difference); name the data it was trained on, or pass "
        + "--data-changed to go on with this"
    case .log(let path, let line):
      "\(path):\(line): is damaged; remove the line"
    case .otherLabels(let path, let reason):
      "\(path): \(reason)"
    case .damaged(let path, let reason):
      "\(path): is damaged: \(reason), and there is no whole checkpoint before it; put back a copy, or remove "
        + "this checkpoint"
    case .checkpoint(let path, let reason):
      "\(path): does not fit the run, \(reason)"
    case .recipe(let name, let reason):
      "recipe \(name): \(reason)"
    case .memory(let name, let needed, let available, let remedy):
      "recipe \(name): a step needs about \(gigabytes(needed)) of memory, and there are "
        + "\(gigabytes(Double(available.bytes))), \(available.limit.words); \(remedy)"
    case .untrainable(let name):
      "recipe \(name): teacher.rvq: there are no codes; name a codec in teacher.rvq.codec, as the folder of "
        + "EnCodec at 24 kHz or a recipe of kind codec, MERT's code files in teacher.rvq.files, or pass "
        + "--labels with what 'etude teach' made of them"
    case .noData(let path, let seconds):
      "\(path): no usable file is as long as a crop of \(seconds) s; "
        + "add longer files or lower data.cropSeconds"
    case .diverged(let step, let reason):
      "training stopped at step \(step): \(reason)"
    case .stage(let name, let stop, let path):
      "its stage '\(name)' \(stop.ending.rawValue) at step \(stop.step): \(stop.reason); mend its recipe, or remove "
        + "\(path) to train it again"
    case .stopped(let runs):
      runs.map { "run \($0.run) was stopped: \($0.reason)" }.joined(separator: "; ")
        + "; all others are trained, so mend the recipe and compare again"
    }
  }
}

/// What tells that a run had checkpoints.
private func trace(_ logged: Int?) -> String {
  logged.map { "log.jsonl tells of step \($0)" } ?? "run.json tells of checkpoints"
}

private func gigabytes(_ bytes: Double) -> String { "\((bytes / 1e8).rounded() / 10) GB" }
