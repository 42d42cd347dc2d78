import Pretrain
import Settings
import Tensor

extension Recipe {
  /// The teachers of a recipe.
  public struct Teachers: Configuration {
    /// Clusterings of features or of an earlier model's hidden states; each makes one label set.
    public var kmeans: [Clusters] = []
    /// Codes of a residual vector quantiser, imported from files (MERT).
    public var rvq: QuantizerCodes?
    /// The moving average of the model itself (data2vec).
    public var ema: EMATeacher.Config?
    /// No teacher.
    public init() {}

    /// How many codes each label set has.
    public var codebooks: [Int] { labelling.flatMap(\.codebookSizes) }

    /// Those that make labels, in the order of their label sets.
    var labelling: [any LabelSetting] { parts((any LabelSetting).self) }
  }
}

extension Recipe {
  /// The earlier recipes that its teachers come from, those of these first, each once.
  public var stages: [any TrainingRecipe] { earlier }

  private var earlier: [Recipe] {
    teacher.kmeans.compactMap(\.layer?.recipe).reduce(into: []) { all, stage in
      for recipe in stage.earlier + [stage] where !all.contains(recipe) { all.append(recipe) }
    }
  }

  /// This recipe and its earlier stages with another seed, and that in their names.
  public func seeded(_ seed: Int) -> Recipe {
    var copy = self
    (copy.seed, copy.name) = (seed, "\(name)-seed-\(seed)")
    for entry in copy.teacher.kmeans.indices {
      let stage = copy.teacher.kmeans[entry].layer?.recipe
      copy.teacher.kmeans[entry].layer?.recipe = stage?.seeded(seed)
    }
    return copy
  }

  /// Checks that the teachers fit the model, and that each stage has a name of its own.
  func validateTeachers() throws(InvalidSetting) {
    for (number, entry) in teacher.kmeans.enumerated() {
      do { try entry.validate(of: self) } catch { throw error.inside("teacher.kmeans[\(number)]") }
    }
    if let codes = teacher.rvq {
      do { try codes.validate(of: self) } catch { throw error.inside("teacher.rvq") }
    }
    let names = (stages + [self]).map(\.name)
    for stage in stages where names.count(where: { $0 == stage.name }) > 1 {
      throw InvalidSetting(
        "teacher.kmeans",
        "two recipes on its way are named '\(stage.name)'; runs go by their names, so give each its "
          + "own")
    }
  }
}
