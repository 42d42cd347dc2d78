import Files
import Foundation
import Settings
import Tensor
import YAML

/// `README.md` beside a trained model: a model card in the form of Hugging Face.
///
/// It holds what the run recorded and nothing else. Of paths it has only the last part. The licence is
/// left to those who share the model, who know that of the music.
struct ModelCard {
  /// The name of the file.
  static let fileName = "README.md"
  private let recipe: any TrainingRecipe
  private let position: TrainingPosition
  private let checkpoint: URL
  private let run: RunInformation
  private let steps: [StepRecord]
  private let validation: ValidationRecord?
  private let probe: ProbeRecord?
  private let form: PublishedForm?

  /// Reads what a run recorded up to a checkpoint.
  ///
  /// - Parameters:
  ///   - position: That of the checkpoint.
  ///   - folder: The run's folder.
  ///   - recipe: Its recipe.
  /// - Throws: `RunError` if a file of the run is damaged; `FileError`.
  init(of position: TrainingPosition, in folder: URL, recipe: some TrainingRecipe) throws {
    (self.recipe, self.position) = (recipe, position)
    checkpoint = CheckpointFolder(url: folder.checkpoints).checkpoint(at: position)
    run = try RunInformation(of: folder)
    steps = try RunLog.steps(of: folder.logFile).filter { $0.step <= position.step }
    validation = try RunLog.validations(of: folder.logFile).last { $0.step == position.step }
    probe = try RunLog.probes(of: folder.logFile).last { $0.step == position.step }
    form = PublishedForm(of: checkpoint)
  }

  /// Writes the card into the checkpoint. One that is there stays: somebody may have completed it.
  /// - Throws: `FileError`.
  func write() throws {
    let file = checkpoint.appendingPathComponent(Self.fileName)
    guard try Presence.kind(of: file.path) == nil else { return }
    try AtomicFile.write(Data(text.utf8), to: file)
  }

  /// The page, in Markdown.
  var text: String {
    let parts = [frontMatter, heading, data, training, losses, heldOut, probes, settings, use]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var frontMatter: String {
    """
    ---
    library_name: \(form?.library ?? "etude")
    \(form?.task.map { "pipeline_tag: \($0)\n" } ?? "")tags:
    - audio
    - music
    - self-supervised-learning
    - etude
    # Add the licence under which you share the model, as in: license: cc-by-nc-4.0
    ---
    """
  }

  private var heading: String {
    """
    # \(recipe.name)

    \(form?.description ?? "A model of audio"), trained by self-supervision with Etude \(etudeVersion). It has \
    \(run.parameters) parameters, those included that only the training uses.
    """
  }
}

// MARK: - Data and training

extension ModelCard {
  private var data: String {
    let root = URL(fileURLWithPath: run.data).lastPathComponent
    let silence = run.silentSeconds.map {
      " Digital silence is \(percent($0 / max(1, run.seconds))) of it."
    }
    return """
      ## Data

      \(run.files) files, \(hours(run.seconds)) of audio, from a collection named `\(root)`.\
      \(silence ?? "") \(run.skipped.count) files were left out as not usable.
      """
  }

  private var training: String {
    let last = steps.last
    let rows: [(String, String?)] = [
      ("steps", "\(position.step) of \(recipe.training.steps)"),
      ("audio in a step", "\(seconds(recipe.audioSecondsPerStep))"),
      ("audio heard", last?.hoursHeard.map { hours($0 * 3600) }),
      ("epochs", last?.epoch.map { String(format: "%.2f", $0) }),
      ("updates left out as not finite", last?.updatesLeftOut.map(String.init)),
      ("precision", recipe.training.precision.rawValue),
      ("seed", "\(recipe.seed)"),
      ("began", run.start.map { "as \(shortened($0.name)), hash \($0.hash)" } ?? "at random"),
      ("time of the steps", hours(trainingSeconds)),
      ("processors", processors),
      ("first and last start", dates),
      ("commit", run.work?.last?.commit),
    ]
    return "## Training\n\n"
      + table(("quantity", "value"), rows.compactMap { name, value in value.map { (name, $0) } })
  }

  /// The time of all steps of the log, with what happened between them.
  private var trainingSeconds: Double {
    zip([0] + steps.map(\.step), steps).reduce(0) {
      $0 + Double($1.1.step - $1.0) * $1.1.secondsPerStep
    }
  }

  private var processors: String? {
    let all = (run.work ?? []).map { "\($0.cpu), \($0.threads) threads" }
    return all.isEmpty ? nil : Set(all).sorted().joined(separator: "; ")
  }

  private var dates: String? {
    guard let work = run.work, let first = work.first, let last = work.last else { return nil }
    return [first, last].map { $0.date.formatted(.iso8601.year().month().day()) }
      .joined(separator: ", ")
  }

  private var losses: String {
    guard let last = steps.last else { return "" }
    let before = steps.dropLast().last?.step ?? 0
    let found = last.terms.filter { !$0.key.hasPrefix("gradient.") }
    return """
      ## Losses

      Means over the steps \(before + 1) to \(last.step), on the data that it was trained on. Losses of different \
      recipes cannot be compared.

      \(table(("term", "mean"), Self.rows(loss: last.loss, found)))
      """
  }

  private var heldOut: String {
    guard let values = validation?.validation else { return "" }
    return """
      ## Held-out losses

      Means over \(values.crops) crops of files that it was not trained on.

      \(table(("term", "mean"), Self.rows(loss: values.loss, values.terms)))
      """
  }

  private static func rows(loss: Float, _ terms: [String: Float]) -> [(String, String)] {
    ([("loss", loss)] + terms.sorted { $0.key < $1.key })
      .map { ("`\($0.0)`", String(format: "%.4g", $0.1)) }
  }

  private var probes: String {
    guard let probe else { return "## Probes\n\nIts features were not probed during the training." }
    let rows = probe.probe.sorted { $0.key < $1.key }
      .map { ($0.key, String(format: "%.4g", $0.value)) }
    return "## Probes\n\nScores of a linear probe on pieces of Etude's built-in music.\n\n"
      + table(("task", "score"), rows)
  }

  /// The settings that are not the defaults.
  private var settings: String {
    let changes = (try? changes(in: recipe)) ?? []
    return """
      ## Settings

      Of the recipe `\(recipe.name)`, those that differ from Etude's defaults.

      \(table(("setting", "value"), changes.map { ("`\($0.path)`", shortened($0.value)) }))
      """
  }

  private func changes(
    in recipe: some TrainingRecipe
  ) throws -> [(path: String, value: String)] { try RecipeFile.changes(in: recipe) }
}

// MARK: - Use

extension ModelCard {
  private var use: String {
    let words = form?.instructions(sampleRate: recipe.sampleRate)
    return "## Use\n\n" + (words ?? "The program that trained it opens it.")
  }
}

// MARK: - Words

/// A path without the folders that it lies in; other text as it is.
private func shortened(_ text: String) -> String {
  text.split(separator: " ", omittingEmptySubsequences: false)
    .map { $0.contains("/") ? String($0.split(separator: "/").last ?? $0) : String($0) }
    .joined(separator: " ")
}

private func table(_ titles: (String, String), _ rows: [(String, String)]) -> String {
  (["| \(titles.0) | \(titles.1) |", "|---|---|"] + rows.map { "| \($0.0) | \($0.1) |" })
    .joined(separator: "\n")
}

/// `12.3 hours`, or in minutes below two hours.
private func hours(_ seconds: Double) -> String {
  seconds < 7200
    ? String(format: "%.1f minutes", seconds / 60) : String(format: "%.1f hours", seconds / 3600)
}

private func seconds(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }
private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
