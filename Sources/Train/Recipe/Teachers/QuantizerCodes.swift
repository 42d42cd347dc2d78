import Audio
import Foundation
import Models
import Pretrain
import Settings
import Tensor

extension Recipe {
  /// The codes that MERT's acoustic teacher gives a frame: those of EnCodec, made by MERT's scripts.
  public struct QuantizerCodes: Configuration {
    /// Number of quantisers in a row, each of which is a label set of its own.
    public var codebooks = 8
    /// Entries of each codebook.
    public var codes = 1024
    /// Rate of the codes, in codes per second; by default the model's frame rate. MERT's are EnCodec's, 75 per
    /// second.
    public var labelRate: Double?
    /// Files with the codes: a folder with a file for each codebook, or a pattern as
    /// `codes/train.encodec_{codebook}`. Not needed once they are imported.
    public var files: RecipePath?
    /// Manifest whose files were coded, line by line; by default that of the training data.
    public var manifest: RecipePath?
    /// EnCodec's at 24 kHz and 6 kbit/s.
    public init() {}

    /// Counts, and a rate.
    public func validate() throws(InvalidSetting) {
      try require("codebooks", codebooks, in: 1...1_000)
      try require("codes", codes, in: 2...1 << 24)
      if let labelRate { try require(positive: "labelRate", labelRate) }
    }
  }
}

extension Recipe.QuantizerCodes: LabelSetting {
  /// As many label sets as quantisers.
  var codebookSizes: [Int] { Array(repeating: codes, count: codebooks) }

  func validate(of recipe: Recipe) throws(InvalidSetting) {
    let hop = self.hop(for: recipe)
    try require(
      hop >= 1 && hop == hop.rounded() && hop < 1e9, "labelRate",
      "\((labelRate ?? recipe.encoder.frameRate).inWords) codes per second are no whole number of "
        + "samples at encoder.sampleRate \(recipe.encoder.sampleRate)")
  }

  private func hop(for recipe: Recipe) -> Double {
    Double(recipe.encoder.sampleRate) / (labelRate ?? recipe.encoder.frameRate)
  }

  func rate(for recipe: Recipe) throws -> LabelRate {
    LabelRate(sampleRate: recipe.encoder.sampleRate, hop: Int(hop(for: recipe)))
  }

  /// Without the paths: imported codes stay the same when their files are moved.
  func identity(for recipe: Recipe) throws -> [String] {
    ["rvq", "codebooks=\(codebooks)", "codes=\(codes)"]
  }

  func checkSources(of recipe: Recipe) throws {
    guard let files else { throw RunError.untrainable(recipe.name) }
    _ = try ImportedCodes.paths(files.path, codebooks: codebooks)
  }

  func teacher(for context: TeachingContext) throws -> any LabelTeacher {
    guard let files else { throw RunError.untrainable(context.recipe.name) }
    return try ImportedCodes(
      files.path, codebookSizes: codebookSizes,
      of: manifest.map { try Manifest(contentsOf: $0.path) } ?? context.manifest,
      named: manifest?.path ?? context.manifest.root, hop: rate(for: context.recipe).hop)
  }
}
