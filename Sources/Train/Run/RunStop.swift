import Audio
import Files
import Foundation
import Pretrain
import YAML

/// Why the training of a run cannot go on: it collapsed or diverged, as it would again.
///
/// The training leaves it in the run's folder as `stopped.json`; one that begins or goes on there removes it. So a
/// comparison counts such a run as an outcome, and trains neither it nor what needs it a second time.
public struct RunStop: Codable, Sendable, Equatable {
  /// How a training was stopped.
  public enum Ending: String, Codable, Sendable {
    /// Its targets or predictions no longer varied.
    case collapsed
    /// Its loss or gradient was no number any more.
    case diverged
  }

  /// The last step; 0 if the run itself had not begun.
  public let step: Int
  /// In a word.
  public let ending: Ending
  /// One line.
  public let reason: String
  /// Changes when the recipe does.
  private let recipe: String
  /// Changes when the list of files does.
  private let files: String

  /// Nil for an error that would end every other training too, such as a full disk.
  init?(
    _ error: any Error, in run: URL, of recipe: some TrainingRecipe, on files: Manifest
  ) throws {
    let failed: Int?
    switch error {
    case EMAError.collapsed(_, _, _, let step): (failed, ending) = (step, .collapsed)
    case is TokenError: (failed, ending) = (nil, .collapsed)
    case RunError.diverged(let step, _): (failed, ending) = (step, .diverged)
    case RunError.stage(_, let stop, _): (failed, ending) = (nil, stop.ending)
    default: return nil
    }
    // If not, a stage ended, or a fit.
    let hasBegun = try RunInformation.ifBegun(run) != nil
    let logged = try hasBegun ? RunLog.steps(of: run.logFile).last?.step : nil
    step = hasBegun ? failed ?? logged ?? 0 : 0
    reason = hasBegun ? "\(error)" : "before its own first step: \(error)"
    (self.recipe, self.files) = (try Self.key(of: recipe), Self.key(of: files))
  }

  /// That of a run's folder; nil if there is none.
  /// - Throws: `FileError`; `RunError.checkpoint` if it is damaged.
  public init?(of run: URL) throws {
    guard let data = try Presence.content(of: Self.file(of: run)) else { return nil }
    guard let stop = try? JSONDecoder().decode(Self.self, from: data) else {
      throw RunError.checkpoint(Self.file(of: run).path, reason: "it is damaged; remove it")
    }
    self = stop
  }

  /// Whether a training by a recipe on these files would be stopped so.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - files: Those that are trained on; not looked at if nil.
  public func applies(to recipe: some TrainingRecipe, on files: Manifest?) throws -> Bool {
    try Self.key(of: recipe) == self.recipe && (files.map(Self.key) ?? self.files) == self.files
  }

  /// `collapsed at step 213: …`
  var summary: String { "\(ending.rawValue) at step \(step): \(reason)" }

  /// - Throws: `FileError`.
  func write(to run: URL) throws {
    try AtomicFile.write(JSONEncoder.readable.encode(self), to: Self.file(of: run))
  }

  /// Removes that of a run's folder, if there is one.
  static func remove(from run: URL) { unlink(file(of: run).path) }

  private static func file(of run: URL) -> URL { run.appendingPathComponent("stopped.json") }

  private static func key(of recipe: some TrainingRecipe) throws -> String {
    hash(try RecipeFile.yaml(of: recipe))
  }

  private static func key(of files: Manifest) -> String {
    hash(files.entries.map { "\($0.path)\t\($0.samples)" }.joined(separator: "\n"))
  }

  private static func hash(_ text: String) -> String {
    var hash = ContentHash()
    hash.update(Data(text.utf8))
    return String(hash.value, radix: 16)
  }
}
