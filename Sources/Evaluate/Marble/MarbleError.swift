/// What can go wrong with a task of MARBLE beside its data.
public enum MarbleError: Error, Equatable, CustomStringConvertible {
  /// A part has no item whose audio can be used, for these reasons.
  case emptyPart(Split, task: String, [Omission])
  /// A recipe stands where a model is needed.
  case recipe(String)
  /// No probe of the grid has a finite score on the validation part.
  case diverged(task: String, model: String)
  /// Nothing of the model would be trained, or nothing that the head sees where it sees this layer.
  case nothingToTrain(FineTuning, seeing: LayerChoice? = nil)
  /// Where a model has to be kept lies that of another training, if it is known of which, or other files.
  case keptModel(String, of: String?)
  /// Hand-made features have no weights.
  case handMade(String)
  /// A model has no such layer.
  case layer(String, of: Int)
  /// Two tasks, the second a table of labels, have one name.
  case sameName(String, String, and: String)
  /// A part has nothing that a metric can tell apart.
  case undecidable(String, task: String)
  /// No task can be scored: the data below the root are missing, or the probe cannot do it.
  case noTask(root: String, [Omission])

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .emptyPart(let split, let task, let omissions):
      "task \(task): no item of the \(split.rawValue) part can be used\(omissions.inWords); replace these files, or leave "
        + "the task out"
    case .recipe(let path):
      "\(path): is a recipe, and no model; train it with 'etude pretrain' and name the run's folder"
    case .diverged(let task, let model):
      "task \(task): no probe of \(model) has a score on the valid part; lower --rates"
    case .nothingToTrain(let tuning, let layer?):
      "--layers \(layer): stays as it is with \(tuning.name); give a later layer, or leave --layers out"
    case .nothingToTrain(let tuning, nil):
      "--finetune: \(tuning.name) trains nothing of this model; it has no maps to queries and values, or fewer layers"
    case .keptModel(let folder, let training?):
      "\(folder): holds the model of another setting, seed, choice, data or build (\(training)); choose another --keep, "
        + "or move it away"
    case .keptModel(let folder, nil):
      "\(folder): holds other files than a model of this training; choose another --keep, or move them away"
    case .handMade(let name):
      "--finetune: \(name) is hand-made and has nothing to train; leave it out of --model"
    case .layer(let name, let count):
      "--layers \(name): the model has the layers 0 to \(count - 1), for --probe mlp also 'weighted' "
        + "(v1 and --finetune, of more than two) or 'joined' (v2)"
    case .sameName(let name, let first, let second):
      "\(second): would be a second task '\(name)' beside \(first); a table's task is named as its file, so rename it"
    case .undecidable(let reason, let task): "task \(task): \(reason)"
    case .noTask(let root, let omissions):
      "\(root): none of the tasks \(omissions.map(\.item).joined(separator: ", ")) can be scored; the first: "
        + "\(omissions.first?.reason ?? ""); see what is there with 'etude marble data'"
    }
  }
}

extension [Omission] {
  /// ` (4 left out, the first a.wav: no such file)`; empty if there is none.
  fileprivate var inWords: String {
    first.map { " (\(count) left out, the first \($0.item): \($0.reason))" } ?? ""
  }
}
