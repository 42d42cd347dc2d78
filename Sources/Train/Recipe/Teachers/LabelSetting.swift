import Audio
import Files
import Foundation
import Pretrain
import Settings
import Tensor
import YAML

/// The settings of a teacher that makes labels: what is known of the labels before they are made, and how to make
/// the teacher. `Teaching` uses nothing else of a teacher's settings.
protocol LabelSetting: Configuration {
  /// How many codes each of its label sets has.
  var codebookSizes: [Int] { get }
  /// Checks that its numbers fit the rest of the recipe, of which encoder and name are checked by then. Reads no
  /// files.
  func validate(of recipe: Recipe) throws(InvalidSetting)
  /// Labels per second.
  func rate(for recipe: Recipe) throws -> LabelRate
  /// What the labels depend on, in words as `clusters=500`. A label store holds it, and one of another identity is
  /// refused.
  func identity(for recipe: Recipe) throws -> [String]
  /// The identity of the same labels in stores of earlier versions.
  func formerIdentity(for recipe: Recipe) throws -> [String]
  /// The words of settings at their defaults. Stores that were made before there was such a setting lack them, so
  /// they do not count.
  static var defaultIdentity: [String] { get throws }
  /// The earlier recipes that it needs, those of these first.
  var stages: [any TrainingRecipe] { get }
  /// The same teacher, with the stages that it needs under another seed.
  func seeded(_ seed: Int) -> Self
  /// Checks, before any work, that the files it is made from exist.
  func checkSources(of recipe: Recipe) throws
  /// The teacher, fitted to the audio if it is of that kind.
  func teacher(for context: TeachingContext) throws -> any LabelTeacher
  /// The teacher that labelled another collection, as its file keeps it: nothing is fitted. One that keeps nothing is
  /// made anew, which is the default.
  func teacher(keptIn file: URL, for context: TeachingContext) throws -> any LabelTeacher
  /// Whether it is fitted to the audio, and kept in a file. Several ranks fit it together.
  var isFitted: Bool { get }
}

extension LabelSetting {
  func formerIdentity(for recipe: Recipe) throws -> [String] { try identity(for: recipe) }
  static var defaultIdentity: [String] { [] }
  /// Its settings as words, but for those that are absent.
  var words: [String] {
    get throws {
      try RecipeFile.flattened(self).filter { $0.value != "null" }.map { "\($0.path)=\($0.value)" }
    }
  }
  var isFitted: Bool { false }
  func teacher(keptIn file: URL, for context: TeachingContext) throws -> any LabelTeacher {
    try teacher(for: context)
  }
  var stages: [any TrainingRecipe] { [] }
  func seeded(_ seed: Int) -> Self { self }
}

/// What a teacher is made from.
struct TeachingContext {
  var recipe: Recipe
  var audio: any AudioSource
  var manifest: Manifest
  /// The seed of whatever is random.
  var seed: UInt64
  /// The runs of earlier stages.
  var stages: Stages
  /// Who computes what it is fitted to.
  var workers: any Workers = OwnCores()
  /// Called with how much of the fit is done, of how much.
  var progress: ProgressHandler?
}

extension RecipePath {
  /// The latest checkpoint of a run's folder, or the path itself.
  var checkpoint: URL { get throws { try url.latestCheckpoint ?? url } }
}

extension TrainingRecipe {
  /// What labels of this recipe's model depend on, `PATH=NAME#HASH`: the settings, from which it can be trained
  /// again.
  func stageIdentity(at path: String) throws -> String {
    var hash = ContentHash()
    let changes = try RecipeFile.changes(in: self).filter { !Recipe.isOperational($0.path) }
    for (path, value) in changes { hash.update(Data("\(path)=\(value)\n".utf8)) }
    return "\(path)=\(name)#\(String(hash.value, radix: 16))"
  }
}
