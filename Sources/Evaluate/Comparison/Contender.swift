import Files
import Foundation
import MelModels
import Models
import Settings
import Tensor
import Train
import YAML

/// A row of a comparison.
public enum Contender {
  /// A recipe: trained below the comparison's folder, unless its run is there already.
  case recipe(Recipe)
  /// A finished run, wherever it lies; never trained again.
  case run(FinishedRun)
  /// Finished runs of one recipe that differ in their seeds, by which they are paired with others, under a name.
  case runs(String, [FinishedRun])
  /// A model as it is, by its path: whatever `Encoders` opens.
  case model(String, any Encoder)

  /// What lies at a path: a run's folder, a model's folder or file, or a recipe.
  ///
  /// - Parameters:
  ///   - path: A recipe, a run's folder, a model, or `NAME=RUN,RUN,…` for runs of one recipe with several seeds.
  ///   - settings: `path=value`, for a recipe alone.
  /// - Throws: `ComparisonError` if it is none of these or a run that has not come to its end; `FileError`
  ///   if it cannot be looked at; what reading it throws.
  public init(at path: String, settings: [String] = []) throws {
    let url = URL(fileURLWithPath: path)
    guard let kind = try Presence.kind(of: url.path) else {
      if let runs = try Self.runs(path) {
        self = runs
        return
      }
      throw ComparisonError.noContender(path, reason: "no such file or folder")
    }
    switch kind == .folder ? try Self.names(in: url) : nil {
    case .some(let names) where names.contains(url.recipeFile.lastPathComponent):
      self = .run(try FinishedRun(path))
    case .some(let names) where !Self.modelConfigs.isDisjoint(with: names):
      self = .model(path, try Encoders.load(url))
    case .some:
      throw ComparisonError.noContender(
        path,
        reason:
          "the folder holds neither a run (recipe.yaml) nor a model (config.json; OMAR-RQ: config.gin)"
      )
    case nil where Self.modelExtensions.contains(url.pathExtension.lowercased()):
      self = .model(path, try Encoders.load(url))
    case nil:
      self = .recipe(try RecipeFile.load(Recipe.self, from: path, settings: settings))
    }
  }

  /// `NAME=RUN,RUN,…`; nil if it is not written so.
  private static func runs(_ text: String) throws -> Contender? {
    guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { return nil }
    let (name, paths) = (String(text[..<sign]), text[text.index(after: sign)...])
    let runs = try paths.split(separator: ",").map { try FinishedRun(String($0)) }
      .sorted { $0.recipe.seed < $1.recipe.seed }
    guard let first = runs.first else { return nil }
    for run in runs.dropFirst() where !run.recipe.isSame(as: first.recipe) {
      throw ComparisonError.noContender(
        text, reason: "\(run.path) is a run of another recipe than \(first.path)")
    }
    for run in runs.dropFirst() where run.start?.words != first.start?.words {
      throw ComparisonError.noContender(
        text,
        reason: "\(run.path) began \(run.start?.summary ?? "at random") and \(first.path) "
          + (first.start?.summary ?? "at random"))
    }
    guard Set(runs.map(\.recipe.seed)).count == runs.count else {
      throw ComparisonError.noContender(text, reason: "two of the runs have one seed")
    }
    return .runs(name, runs)
  }

  /// A file that says what model a folder holds; the second is that of OMAR-RQ.
  private static let modelConfigs: Set = ["config.json", "config.gin"]

  /// Endings of the files that fairseq writes models to.
  private static let modelExtensions = ["pt", "pth", "th"]

  private static func names(in folder: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw ComparisonError.noContender(
        folder.relativePath, reason: "the folder cannot be listed (\(error.localizedDescription))")
    }
  }

  /// The numbers that make its encoder.
  var encoder: any EncoderConfiguration {
    switch self {
    case .recipe(let recipe): recipe.chosenEncoder
    case .run(let run): run.recipe.chosenEncoder
    case .runs(_, let runs): runs[0].recipe.chosenEncoder
    case .model(_, let encoder): encoder.config
    }
  }

  /// The names of contenders in tables: a recipe's own, that of a run's folder, a model's path. Where two
  /// have one name, a run's path takes its place.
  ///
  /// - Throws: `ComparisonError.twoOfOneName` where that does not help; `.twice` if two are the same.
  static func names(of contenders: [Contender]) throws -> [String] {
    let short = contenders.map(\.name)
    let names = zip(contenders, short).map { contender, name in
      if case .run(let run) = contender, short.count(where: { $0 == name }) > 1 { return run.path }
      return name
    }
    for name in names where names.count(where: { $0 == name }) > 1 {
      throw ComparisonError.twoOfOneName(name)
    }
    for (place, contender) in contenders.enumerated() {
      guard let places = contender.places else { continue }
      if let twin = contenders[..<place].firstIndex(where: { $0.places == places }) {
        throw ComparisonError.twice(names[twin], names[place])
      }
    }
    return names
  }

  /// Where its runs or its model lie, in one spelling; nil of a recipe.
  private var places: Set<String>? {
    let paths: [String]
    switch self {
    case .recipe: return nil
    case .run(let run): paths = [run.path]
    case .runs(_, let runs): paths = runs.map(\.path)
    case .model(let path, _): paths = [path]
    }
    return Set(
      paths.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.path })
  }

  /// The seeds of the runs, if it has several.
  var seedsOfTrainings: [Int] {
    guard case .runs(_, let runs) = self, runs.count > 1 else { return [] }
    return runs.map(\.recipe.seed)
  }

  private var name: String {
    switch self {
    case .recipe(let recipe): recipe.name
    case .run(let run): run.folder.lastPathComponent
    case .runs(let name, _): name
    case .model(let path, _): path
    }
  }
}

/// A run that has come to its end: it made its last step, was ended by its validations, or was stopped because it
/// collapsed or diverged.
public struct FinishedRun {
  /// The folder as it was named.
  public let path: String
  /// The recipe that it was trained by.
  public let recipe: Recipe
  /// The model that it began as; nil if that was random.
  let start: ModelIdentity?

  /// - Parameter path: The run's folder.
  /// - Throws: `ComparisonError.unfinished`, or `.beingTrained` if a process works there; what reading the folder throws.
  public init(_ path: String) throws {
    self.path = path
    let folder = URL(fileURLWithPath: path)
    try Presence.requireRegular(folder.recipeFile.relativePath)
    recipe = try RecipeFile.stored(Recipe.self, at: folder.recipeFile.relativePath)
    start = try RunInformation.ifBegun(folder)?.start
    guard try !RunFolder.isFinished(folder, recipe: recipe) else { return }
    let step = try RunFolder.latestStep(of: folder, recipe: recipe) ?? 0
    guard !FolderLock.isHeld(folder) else {
      throw ComparisonError.beingTrained(path, step: step, of: recipe.training.steps)
    }
    guard try RunStop(of: folder) == nil else { return }
    throw ComparisonError.unfinished(path, step: step, of: recipe.training.steps)
  }

  /// Where it lies.
  public var folder: URL { URL(fileURLWithPath: path) }

  /// The training that it was.
  var training: TrainingRun { TrainingRun(recipe: recipe, folder: folder, isOwn: false) }
}

extension Recipe {
  /// Whether another asks for the same training, but for name and seed.
  fileprivate func isSame(as other: Recipe) -> Bool {
    var copy = other
    (copy.name, copy.seed) = (name, seed)
    return isEqual(to: copy)
  }
}
