import Audio
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor
import YAML

extension Recipe {
  /// An entry of `teacher.kmeans`: what is clustered, and how. One label set.
  ///
  /// ```yaml
  /// teacher:
  ///   kmeans:
  ///     - { features: mfcc39, clustering: { clusters: 500 } }
  ///     - { layer: { recipe: first.yaml, index: 6 }, clustering: { clusters: 500 } }
  /// ```
  public struct Clusters: Configuration {
    /// Features to cluster; a recipe names these or `layer`.
    public var features: FeatureKind?
    /// Layer of an earlier model whose hidden states are clustered; a recipe names this or `features`.
    public var layer: HiddenLayer?
    /// Rate of the labels of `features`, in labels per second. By default MFCC have 100 where that is a
    /// multiple of the model's frame rate, as published: at 50 frames a second, each frame gets every second
    /// label. Other features have the model's frame rate. Hidden states have that of their own model.
    public var labelRate: Double?
    /// Whether the mean over each file is subtracted from its frames first (cepstral mean normalisation). Codes
    /// then depend on what changes within a file and not on how loud or bright it is mastered, which a front
    /// end with group norm cannot see. fairseq does not subtract it.
    public var subtractsMean = false
    /// The k-means clustering.
    public var clustering = KMeans.Config()
    /// Size of the sample that the clusters are fitted to, in frames, taken evenly from the collection. Every
    /// frame of the collection gets a label.
    public var fitFrames = 200_000
    /// Nothing to cluster yet.
    public init() {}

    /// There is one thing to cluster, and a frame for every cluster.
    public func validate() throws(InvalidSetting) {
      try require(
        features != nil || layer != nil, "",
        "says nothing to cluster; name its features or a layer", against: ["features", "layer"])
      try require(
        features == nil || layer == nil, "features", "name features or a layer, not both",
        against: ["layer"])
      try require(
        layer == nil || labelRate == nil, "labelRate",
        "hidden states come as often as their model's frames; leave it out", against: ["layer"])
      if let labelRate {
        try require(positive: "labelRate", labelRate)
        try require("labelRate", labelRate, in: 0.01...1_000_000)
      }
      try require("fitFrames", fitFrames, in: 1...1_000_000_000)
      try require(
        clustering.clusters <= fitFrames, "fitFrames",
        "\(fitFrames) frames cannot make \(clustering.clusters) clusters; raise it",
        against: ["clustering.clusters"])
    }
  }
}

// MARK: - Checks

extension Recipe.Clusters: LabelSetting {
  /// One label set.
  var codebookSizes: [Int] { [clustering.clusters] }

  /// The recipe of the layer's model, after its own.
  var stages: [any TrainingRecipe] {
    layer?.stages ?? []
  }

  func seeded(_ seed: Int) -> Recipe.Clusters {
    var copy = self
    copy.layer = layer?.seeded(seed)
    return copy
  }

  func validate(of recipe: Recipe) throws(InvalidSetting) {
    do {
      if let features { _ = try frontEnd(features, for: recipe) }
      if layer?.recipe != nil { _ = try rate(for: recipe) }
    } catch RunError.recipe(_, let reason) {
      throw InvalidSetting("layer", reason, against: ["layer.recipe"])
    } catch {
      throw InvalidSetting(labelRate == nil ? "features" : "labelRate", "\(error)")
    }
  }
}

// MARK: - Labels

extension Recipe.Clusters {
  func rate(for recipe: Recipe) throws -> LabelRate {
    let sampleRate = recipe.sampleRate
    if let features {
      return LabelRate(
        sampleRate: sampleRate, hop: try frontEnd(features, for: recipe).hopLength)
    }
    return try layer!.rate(for: recipe)
  }

  func identity(for recipe: Recipe) throws -> [String] {
    try ownIdentity + (layer.map { [try $0.identity(at: "layer")] } ?? [])
  }

  func formerIdentity(for recipe: Recipe) throws -> [String] {
    try ownIdentity + (layer.map { [try $0.formerIdentity(at: "layer")] } ?? [])
  }

  static var defaultIdentity: [String] {
    get throws {
      var plain = Recipe.Clusters()
      let ofFeatures = try plain.ownIdentity
      plain.layer = Recipe.HiddenLayer()
      return try ofFeatures + plain.ownIdentity
    }
  }

  /// The settings without those that name the model.
  private var ownIdentity: [String] {
    get throws {
      var own = self
      own.layer?.recipe = nil
      own.layer?.model = nil
      return try own.words
    }
  }

  func checkSources(of recipe: Recipe) throws {
    try layer?.checkSource(for: recipe)
  }

  func teacher(for context: TeachingContext) throws -> any LabelTeacher {
    try KMeansTeacher(
      fitting: clustering, to: frames(for: context), of: context.audio, fitFrames: fitFrames,
      subtractingMean: subtractsMean, seed: context.seed, by: context.workers,
      progress: context.progress)
  }

  var isFitted: Bool { true }

  func teacher(keptIn file: URL, for context: TeachingContext) throws -> any LabelTeacher {
    let clusters = try KMeans(
      tensors: SafeTensors.finiteTensors(contentsOf: file), file: file.path)
    guard clusters.clusters == clustering.clusters else {
      throw FileError.unsuitable(
        path: file.path,
        reason: "has \(clusters.clusters) clusters, and clustering.clusters is "
          + "\(clustering.clusters); make the labels again")
    }
    return try KMeansTeacher(
      clusters, of: frames(for: context), subtractingMean: subtractsMean)
  }

  private func frames(for context: TeachingContext) throws -> any TeacherFrames {
    if let features { return try frontEnd(features, for: context.recipe) }
    return try layer!.frames(for: context)
  }

  private func frontEnd(
    _ features: FeatureKind, for recipe: Recipe
  ) throws(FeatureError) -> FrontEndFrames {
    let published = features.defaultFrameRate
    let frames = recipe.chosenEncoder.frameRate
    let isMFCC = features == .mfcc39 || features == .mfcc60
    let isMultiple = (published / frames).rounded() * frames == published
    return try FrontEndFrames(
      features, sampleRate: recipe.sampleRate,
      frameRate: labelRate ?? (isMFCC && isMultiple ? published : frames))
  }
}
