import Files
import Foundation

/// What can be seen of a run from its folder, while it trains and afterwards.
public struct RunStatus: Codable, Sendable, Equatable {
  /// Whether it goes on.
  public enum State: String, Codable, Sendable {
    /// A process works in its folder.
    case running
    /// Its last checkpoint is that of the recipe's last step, or of the step at which validation ended it.
    case finished
    /// It has not reached its end, and no process works in its folder.
    case stopped
    /// A file of it cannot be read.
    case damaged
  }

  /// Its path below the folder that was looked through; the folder's own name if that is the run.
  public var name: String
  /// Whether it goes on.
  public var state: State
  /// Why it is damaged, or collapsed or diverged, in a line; nil if it did not.
  public var reason: String?
  /// Steps made: those in the log or in the latest checkpoint, whichever are more.
  public var step = 0
  /// Steps of the recipe; nil if it cannot be read.
  public var steps: Int?
  /// The loss in the last line of the log; nil without one.
  public var loss: Float?
  /// The loss of the held-out crops at the last validation; nil without one.
  public var validationLoss: Float?
  /// Hours of audio that went through the model; nil if that is not known.
  public var hoursHeard: Double?
  /// Seconds that the steps to come take at the mean time of those in the last ten lines of the log; nil
  /// without a line.
  public var secondsLeft: Double?
  /// When something was last written into the folder; nil if that is not known.
  public var lastActivity: Date?
}

extension RunStatus {
  /// Looks at a run.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - name: What to call it.
  public init(of folder: URL, name: String) {
    (self.name, state) = (name, .stopped)
    lastActivity = folder.lastChange
    do {
      try read(folder)
    } catch {
      (state, reason) = (.damaged, "\(error)")
    }
  }

  private mutating func read(_ folder: URL) throws {
    let recipe = try RecipeKind.stored(of: folder)
    let saved = try CheckpointFolder(url: folder.checkpoints).latestReadable()
    let end = try RunLog.end(of: folder.logFile, steps: 10)
    let steps = recipe.training.steps
    step = max(saved?.step ?? 0, end.steps.last?.step ?? 0)
    (self.steps, loss, hoursHeard) = (steps, end.steps.last?.loss, end.steps.last?.hoursHeard)
    validationLoss = end.validation?.validation.loss
    let isFinished = saved?.isFinal(of: recipe) ?? false
    state = FolderLock.isHeld(folder) ? .running : isFinished ? .finished : .stopped
    reason = state == .stopped ? try RunStop(of: folder)?.summary : nil
    secondsLeft = end.steps.secondsPerStep.map {
      $0 * Double(isFinished ? 0 : max(0, steps - step))
    }
  }
}

extension RunState {
  /// Whether the run has come to its end here.
  fileprivate func isFinal(of recipe: any TrainingRecipe) -> Bool {
    let isEarly = recipe.validation.flatMap { validation?.reasonToEnd($0) } != nil
    return isEarly || step >= recipe.training.steps && awaitsValidation == nil
  }
}

extension [StepRecord] {
  /// The mean time of a step, weighted by the steps of each line but the first; nil if there are none.
  fileprivate var secondsPerStep: Double? {
    guard let last, let first, last.step > first.step else { return last?.secondsPerStep }
    let seconds = zip(self, dropFirst()).reduce(0) {
      $0 + Double($1.1.step - $1.0.step) * $1.1.secondsPerStep
    }
    return seconds / Double(last.step - first.step)
  }
}

extension URL {
  /// When the log, the checkpoints or the description of a run were last written.
  fileprivate var lastChange: Date? {
    [logFile, checkpoints, informationFile, recipeFile].compactMap {
      try? FileManager.default.attributesOfItem(atPath: $0.path)[.modificationDate] as? Date
    }.max()
  }
}
