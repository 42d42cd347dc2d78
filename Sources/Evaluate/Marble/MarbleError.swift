/// What can go wrong with a task of MARBLE beside its data.
public enum MarbleError: Error, Equatable, CustomStringConvertible {
  /// A part has no item whose audio can be used.
  case emptyPart(Split, task: String)
  /// A recipe stands where a model is needed.
  case recipe(String)
  /// No probe of the grid has a finite score on the validation part.
  case diverged(task: String, model: String)
  /// A model has no such layer.
  case layer(String, of: Int)
  /// None of the tasks has its data below the root.
  case noData(root: String, tasks: [String])

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .emptyPart(let split, let task):
      "task \(task): no item of the \(split.rawValue) part can be used; see what is left out with 'etude marble data'"
    case .recipe(let path):
      "\(path): is a recipe, and no model; train it with 'etude pretrain' and name the run's folder"
    case .diverged(let task, let model):
      "task \(task): no probe of \(model) has a score on the valid part; lower --rates"
    case .layer(let name, let count):
      "--layers \(name): the model has the layers 0 to \(count - 1), and 'weighted' if there are more than two"
    case .noData(let root, let tasks):
      "\(root): holds the data of none of the tasks \(tasks.joined(separator: ", ")); "
        + "see what is missing with 'etude marble data'"
    }
  }
}
