import Settings
import Tensor

/// Why a comparison cannot begin, or what some of its trainings came to.
public enum ComparisonError: Error, CustomStringConvertible {
  /// What lies there cannot be compared.
  case noContender(String, reason: String)
  /// A run that a process works on, after its last checkpoint.
  case beingTrained(String, step: Int, of: Int)
  /// A run that has not made its last step.
  case unfinished(String, step: Int, of: Int)
  /// Two rows of the report would have one name.
  case twoOfOneName(String)
  /// Two contenders are the same runs or the same model.
  case twice(String, String)
  /// The log of a run does not reach its last checkpoint.
  case log(String, logged: Int, step: Int)
  /// Two recipes of one name ask for different runs: contenders, or stages of contenders.
  case twoRecipes(String)
  /// These runs are not trained yet, and no data is named.
  case noData(runs: [String])
  /// A run that is trained already was trained on other music: what differs.
  case otherData(String, String)
  /// A run in the folder of the comparison began as a model, in these words, and not at random as its recipe.
  case otherStart(String, String)
  /// The folder of the comparison cannot be used.
  case folder(String, reason: String)
  /// What models shall be probed on cannot be.
  case probeData(String, reason: String)
  /// A `report.json` that cannot be read.
  case report(String)
  /// Trainings that could not go on, and why.
  case stopped([(run: String, reason: String)])

  /// One line with the remedy.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .noContender(let path, let reason):
      "\(path): \(reason); name recipes, folders of finished runs, or models"
    case .beingTrained(let path, let step, let steps):
      "\(path): the run is being trained, its last checkpoint is that of step \(step) of \(steps); wait for its end, or "
        + "name one of its checkpoints"
    case .unfinished(let path, let step, let steps):
      "\(path): the run is at step \(step) of \(steps); finish it with 'etude pretrain "
        + "\(path)/recipe.yaml --data DATA --run \(path) --resume', or name one of its checkpoints"
    case .twoOfOneName(let name):
      "two contenders are named '\(name)'; give each recipe a name of its own, and name a folder once"
    case .twice(let first, let second):
      "'\(first)' and '\(second)' are the same; name it once"
    case .log(let path, let logged, let step):
      "\(path): \(logged == 0 ? "is missing or empty" : "ends at step \(logged)"), and the last checkpoint is that of "
        + "step \(step); put the log of this run back, or name the checkpoint instead of the run"
    case .twoRecipes(let name):
      "two different recipes, or stages of recipes, are named '\(name)'; give each its own name, since "
        + "runs go by their names (--set changes the recipes that are named, not their stages)"
    case .noData(let runs):
      "\(runs.joined(separator: ", ")): not trained yet; name the music to train on with --data"
    case .otherData(let path, let difference):
      "\(path): was trained on other data: \(difference); name the data it was trained on, or choose "
        + "another folder with --out"
    case .otherStart(let path, let start):
      "\(path): the run began \(start), and what a comparison trains begins at random; name the run instead of its "
        + "recipe once it is finished, or choose another folder with --out"
    case .folder(let path, let reason):
      "\(path): \(reason); choose another folder with --out"
    case .probeData(let path, let reason):
      "--probe-data \(path): \(reason); name a folder with labels.jsonl, a table of labels, or a folder with data "
        + "sets as 'etude marble data' describes them"
    case .report(let path):
      "\(path): is no report of a comparison, or damaged; compare again, which trains nothing twice"
    case .stopped(let runs):
      runs.map { "run \($0.run) was stopped: \($0.reason)" }.joined(separator: "; ")
        + "; all others are trained, and the report gives no verdict on the recipe: mend it, or choose other seeds"
    }
  }
}
