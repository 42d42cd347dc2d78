import Pretrain
import Settings
import Tensor

extension Recipe {
  /// The teachers of a recipe.
  public struct Teachers: Configuration {
    /// Clusterings of features or of an earlier model's hidden states; each makes one label set.
    public var kmeans: [Clusters] = []
    /// Codes of a neural codec's residual vector quantiser (MERT), computed by the codec or imported from files.
    public var rvq: QuantizerCodes?
    /// Codes of frozen random projections of features (BEST-RQ).
    public var randomProjection: RandomProjectionCodes?
    /// Codes of a residual quantiser that is fitted to features of the collection (MuQ's Mel-RVQ).
    public var projectedRVQ: ProjectedQuantizerCodes?
    /// Codes of a residual quantiser that is fitted to hidden states of earlier models (MuQ's second iteration,
    /// MERT-v2).
    public var layerRVQ: LayerQuantizerCodes?
    /// The moving average of the model itself (data2vec).
    public var ema: EMATeacher.Config?
    /// No teacher.
    public init() {}

    /// How many codes each label set has.
    public var codebooks: [Int] { labelling.flatMap(\.codebookSizes) }

    /// Those that make labels, in the order of their label sets.
    var labelling: [any LabelSetting] { parts((any LabelSetting).self) }

    /// These teachers, with the stages that they need under another seed: a line for each teacher that rests on
    /// an earlier run.
    func seeded(_ seed: Int) -> Teachers {
      var copy = self
      copy.kmeans = kmeans.map { $0.seeded(seed) }
      copy.layerRVQ = layerRVQ?.seeded(seed)
      return copy
    }
  }
}

extension Recipe {
  /// The earlier recipes that its teachers come from, those of these first, each once.
  public var stages: [any TrainingRecipe] {
    teacher.labelling.flatMap(\.stages).reduce(into: []) { all, stage in
      if !all.contains(where: stage.isEqual) { all.append(stage) }
    }
  }

  /// This recipe and its earlier stages with another seed, and that in their names.
  public func seeded(_ seed: Int) -> Recipe {
    var copy = self
    (copy.seed, copy.name) = (seed, "\(name)-seed-\(seed)")
    copy.teacher = teacher.seeded(seed)
    return copy
  }

  /// Checks that the teachers fit the model, and that each stage has a name of its own.
  func validateTeachers() throws(InvalidSetting) {
    for (path, setting) in teacher.placedParts((any LabelSetting).self) {
      do { try setting.validate(of: self) } catch { throw error.inside("teacher.\(path)") }
    }
    let names = stages.map(\.name) + [name]
    for stage in stages where names.count(where: { $0 == stage.name }) > 1 {
      throw InvalidSetting(
        teacher.placedParts((any LabelSetting).self).first.map { "teacher.\($0.path)" }
          ?? "teacher",
        "two recipes on its way are named '\(stage.name)'; runs go by their names, so give each its "
          + "own")
    }
  }
}
