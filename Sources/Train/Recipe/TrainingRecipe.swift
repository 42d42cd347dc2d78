import Audio
import Cluster
import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import YAML

/// All the numbers of one training, of whatever kind: what a trainer, a run's folder, stages and plans need of it.
///
/// A kind is a configuration that conforms, and a line in `RecipeKind.all`.
public protocol TrainingRecipe: NamedByFile {
  /// What it trains.
  associatedtype Model: Learner
  /// What the `kind` of its files is called; nil for files without one. A kind with a name has a setting `kind`
  /// with this name as its default, so that its files name it.
  static var kind: String? { get }
  /// Every setting with type, range, default and meaning, in Markdown.
  static var reference: String { get }
  /// The JSON schema of its files.
  static var schema: String { get }
  /// The name of the run in folders and reports.
  var name: String { get set }
  /// Decides everything random.
  var seed: Int { get set }
  /// The collection.
  var data: CropSampler.Config { get }
  /// The sample rate of the audio that it is trained on, Hz.
  var sampleRate: Int { get }
  /// Seconds of audio in a step.
  var audioSecondsPerStep: Double { get }
  /// AdamW's numbers.
  var optimizer: AdamW.Config { get }
  /// The learning rate.
  var schedule: Schedule.Config { get }
  /// The length of the run.
  var training: Recipe.Training { get set }
  /// How many codes each label set is going to have.
  var labelSizes: [Int] { get }
  /// What is held out and how the model is validated on it; nil if nothing is.
  var validation: Recipe.Validation? { get }
  /// The earlier recipes that it needs, those of these first, each once.
  var stages: [any TrainingRecipe] { get }

  /// This recipe and its earlier stages with another seed, and that in their names.
  func seeded(_ seed: Int) -> Self
  /// What the training is going to take, before anything is built.
  func plan() throws -> TrainingPlan
  /// Checks that a step fits into memory.
  ///
  /// - Parameters:
  ///   - available: What this process may use.
  ///   - placement: The ranks that share the step.
  /// - Throws: `RunError.memory`.
  func checkMemory(available: UsableMemory, on placement: Placement) throws
  /// What the targets of the training depend on beside recipe, audio and labels, in words: the content of files.
  /// Nil if on nothing.
  /// - Throws: If such a file is missing or does not fit, before anything is built.
  func sourceIdentity() throws -> String?
  /// What labels the collection before the training; nil if nothing does.
  ///
  /// - Parameters:
  ///   - folder: Where labels and teachers lie or will lie.
  ///   - stages: Where the runs of earlier stages lie.
  func teaching(in folder: URL, stages: URL) -> Teaching?
  /// What a new run begins as, with what its model has to be told of the collection before the first step.
  ///
  /// - Parameters:
  ///   - start: What to begin as instead of at random.
  ///   - material: The collection.
  /// - Throws: `AudioError` if a file cannot be decoded any more.
  func startingPoint(_ start: StartingPoint, on material: TrainingMaterial) throws -> StartingPoint
  /// The model before its first step.
  ///
  /// - Parameters:
  ///   - codebooks: How many codes each label set has.
  ///   - start: What to begin as instead of at random.
  /// - Throws: If the recipe's parts do not fit together, or the start does not fit the recipe.
  func model(codebooks: [Int], startingAs start: StartingPoint) throws -> Model
  /// The batches of a run.
  ///
  /// - Throws: `RunError.noData` if there are none.
  func batches(of material: TrainingMaterial) throws -> any BatchSource<Model.Batch>
}

extension TrainingRecipe {
  /// Files without a `kind`.
  public static var kind: String? { nil }
  /// A page without an introduction.
  public static var reference: String {
    SettingReference(of: self).page(
      title: "The settings of a recipe of kind \(kind ?? "training")", introduction: "")
  }
  /// The schema of the settings.
  public static var schema: String {
    SettingReference(of: self).schema(title: "A recipe of kind \(kind ?? "training")")
  }
  /// There are none.
  public var labelSizes: [Int] { [] }
  /// Nothing is held out.
  public var validation: Recipe.Validation? { nil }
  /// On nothing.
  public func sourceIdentity() throws -> String? { nil }
  /// As it is: nothing is measured.
  public func startingPoint(
    _ start: StartingPoint, on material: TrainingMaterial
  ) throws -> StartingPoint { start }
  /// Nothing labels the collection.
  public func teaching(in folder: URL, stages: URL) -> Teaching? { nil }
  /// No stages.
  public var stages: [any TrainingRecipe] { [] }
}

extension TrainingRecipe {
  /// Checks that this process may use the memory that a step needs.
  ///
  /// - Parameters:
  ///   - placement: The ranks that train together.
  ///   - processes: How many processes train on this machine; as many as these ranks do unless given.
  /// - Throws: `RunError.memory`.
  public func checkMachine(
    on placement: Placement = .alone, sharedBy processes: Int? = nil
  ) throws {
    let available = UsableMemory.current.divided(by: processes ?? placement.ranks.onThisHost)
    try checkMemory(available: available, on: placement)
  }

  /// Whether both are of one kind and equal.
  public func isEqual(to other: any TrainingRecipe) -> Bool { (other as? Self) == self }

  /// Checks a recipe that was made or changed in code, each part of it, as reading it from a file does; and that the
  /// optimiser's groups match parameters of its model.
  /// - Throws: `RunError.recipe`, which names the setting.
  public func check() throws {
    do {
      try RecipeFile.check(self)
    } catch RecipeError.setting(_, let path, let reason) {
      throw RunError.recipe(name, reason: InvalidSetting(path, reason).description)
    }
    try checkNesting()
    try checkParameters()
  }

  /// Checks that the recipe that a run stores, with all recipes in it, can be read again.
  private func checkNesting() throws {
    guard !stages.isEmpty, try !RecipeFile.canBeReadAgain(self) else { return }
    throw RunError.recipe(
      name,
      reason:
        "the \(stages.count) recipes nested in it are too deep or too long to be read again from "
        + "recipe.yaml; train the first by itself, and name its run as 'model' in place of 'recipe'"
    )
  }
}
