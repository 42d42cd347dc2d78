import Audio
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor

extension Recipe {
  /// The codes that MERT's acoustic teacher gives a frame: those of a neural codec, EnCodec, computed here or imported
  /// from MERT's scripts.
  public struct QuantizerCodes: Configuration {
    /// Number of codebooks that label, from the first on, each of which is a label set of its own.
    public var codebooks = 8
    /// Entries of each codebook.
    public var codes = 1024
    /// Codec that computes the codes, at the rate of its frames: its folder, or a group of settings. A recipe names
    /// this or `files`, or neither if there are labels already.
    public var codec: CodecSource?
    /// Rate of imported codes, in codes per second; by default the model's frame rate. MERT's are EnCodec's, 75 per
    /// second.
    public var labelRate: Double?
    /// Files with imported codes: a folder with a file for each codebook, or a pattern as
    /// `codes/train.encodec_{codebook}`. Not needed once they are imported.
    public var files: RecipePath?
    /// Manifest whose files were coded, line by line; by default that of the training data.
    public var manifest: RecipePath?
    /// EnCodec's at 24 kHz and 6 kbit/s.
    public init() {}

    /// Counts, a rate, and one source.
    public func validate() throws(InvalidSetting) {
      try require("codebooks", codebooks, in: 1...1_000)
      try require("codes", codes, in: 2...1 << 24)
      if let labelRate { try require(positive: "labelRate", labelRate) }
      guard codec != nil else { return }
      try require(
        files == nil, "files", "name a codec or files of codes, one of them", against: ["codec"])
      try require(
        manifest == nil, "manifest", "belongs to files of codes; leave it out", against: ["codec"])
      try require(
        labelRate == nil, "labelRate", "is that of the codec; leave it out", against: ["codec"])
    }
  }
}

extension Recipe.QuantizerCodes: LabelSetting {
  /// As many label sets as codebooks.
  var codebookSizes: [Int] { Array(repeating: codes, count: codebooks) }

  /// That of the codec.
  var stages: [any TrainingRecipe] { codec?.recipe.map { [$0] } ?? [] }

  func validate(of recipe: Recipe) throws(InvalidSetting) {
    if let codec = codec?.recipe?.codec { return try validate(codec, for: recipe) }
    guard codec == nil else { return }
    let hop = importedHop(for: recipe)
    try require(
      hop >= 1 && hop == hop.rounded() && hop < 1e9, "labelRate",
      "\((labelRate ?? recipe.chosenEncoder.frameRate).inWords) codes per second are no whole number of "
        + "samples at \(recipe.encoderSetting).sampleRate \(recipe.sampleRate)")
  }

  private func validate(
    _ codec: Codec.Config, for recipe: Recipe
  ) throws(InvalidSetting) {
    do {
      try self.codec!.check(codec, codebooks: codebooks, codes: codes, for: recipe)
    } catch ModelError.setting(let name, let problem) {
      throw InvalidSetting("codec.recipe.codec.\(name)", problem, against: ["codec.recipe"])
    } catch {
      throw InvalidSetting("codec.recipe", "\(error)")
    }
  }

  private func importedHop(for recipe: Recipe) -> Double {
    (Double(recipe.sampleRate) / (labelRate ?? recipe.chosenEncoder.frameRate)).wholeIfNear
  }

  func rate(for recipe: Recipe) throws -> LabelRate {
    let hop = try codec?.config().stride ?? Int(importedHop(for: recipe))
    return LabelRate(sampleRate: recipe.sampleRate, hop: hop)
  }

  /// Without the paths: imported codes stay the same when their files are moved.
  func identity(for recipe: Recipe) throws -> [String] {
    try ["rvq", "codebooks=\(codebooks)", "codes=\(codes)"] + (codec?.identity() ?? [])
  }

  func checkSources(of recipe: Recipe) throws {
    if let codec { return try check(codec, of: recipe) }
    guard let files else { throw RunError.untrainable(recipe.name) }
    _ = try ImportedCodes.paths(files.path, codebooks: codebooks)
  }

  private func check(_ codec: Recipe.CodecSource, of recipe: Recipe) throws {
    guard let model = codec.model else { return }
    guard try Presence.kind(of: model.path) != nil else {
      throw ModelError.file(
        model.path,
        problem: "there is no codec; put a copy of EnCodec's folder there, or name another by "
          + "--set teacher.rvq.codec=DIR")
    }
    do {
      try codec.check(codec.config(), codebooks: codebooks, codes: codes, for: recipe)
    } catch ModelError.setting(_, let problem) {
      throw ModelError.file(model.path, problem: problem)
    }
  }

  func teacher(for context: TeachingContext) throws -> any LabelTeacher {
    if let codec {
      return try CodecTeacher(
        codec.codec(in: context.stages), codebooks: codebooks, precision: codec.precision)
    }
    guard let files else { throw RunError.untrainable(context.recipe.name) }
    return try ImportedCodes(
      files.path, codebookSizes: codebookSizes,
      of: manifest.map { try Manifest(contentsOf: $0.path) } ?? context.manifest,
      named: manifest?.path ?? context.manifest.root, hop: rate(for: context.recipe).hop)
  }
}
