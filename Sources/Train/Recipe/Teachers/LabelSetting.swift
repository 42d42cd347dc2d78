import Audio
import Pretrain
import Settings
import Tensor

/// A teacher as a recipe asks for it: what can be told of its labels before it is there, and how to
/// get it. `Teaching` knows teachers by this alone.
protocol LabelSetting: Configuration {
  /// How many codes each of its label sets has.
  var codebookSizes: [Int] { get }
  /// Checks that its numbers fit the rest of the recipe, of which encoder and name are checked by then;
  /// nothing outside of the recipe is looked at.
  func validate(of recipe: Recipe) throws(InvalidSetting)
  /// How often its labels come.
  func rate(for recipe: Recipe) throws -> LabelRate
  /// Words that change when the labels do; labels of other words are refused.
  func words(for recipe: Recipe) throws -> [String]
  /// The words that an earlier version used for the same labels.
  func formerWords(for recipe: Recipe) throws -> [String]
  /// The words of settings that are left at their defaults. Labels made before there was such a setting
  /// do not say them.
  static var defaultWords: [String] { get throws }
  /// Makes sure that what it is made from is there, before hours are spent.
  func checkSources(of recipe: Recipe) throws
  /// The teacher, fitted if it has to be.
  func teacher(for lesson: Lesson) throws -> any LabelTeacher
}

extension LabelSetting {
  func formerWords(for recipe: Recipe) throws -> [String] { try words(for: recipe) }
  static var defaultWords: [String] { [] }
}

/// What a teacher is made for.
struct Lesson {
  var recipe: Recipe
  var audio: any AudioSource
  var manifest: Manifest
  /// Of whatever is random.
  var seed: UInt64
  /// Where earlier stages have been trained.
  var stages: Stages
  /// Told how many files of how many a teacher has heard while it was fitted.
  var progress: ProgressHandler?
}
