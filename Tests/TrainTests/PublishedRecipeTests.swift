import Foundation
import MelModels
import Models
import Pretrain
import Settings
import TestSupport
import Testing
import Train
import YAML

/// The fifteen recipes of the three papers, and their small copies.
@Suite struct PublishedRecipeTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("recipes")

  /// Every recipe file but overlays and probes, by its path below `recipes/`.
  static let names: [String] = {
    let all = FileManager.default.subpaths(atPath: folder.path) ?? []
    return all.filter { path in
      path.hasSuffix(".yaml") && !path.hasPrefix("probes/")
        && !path.contains("overlays/")
    }.sorted()
  }()

  static func load(_ name: String, settings: [String] = []) throws -> Recipe {
    try RecipeFile.load(
      Recipe.self, from: folder.appendingPathComponent(name).path, settings: settings)
  }

  /// A recipe of whatever kind.
  static func loadAny(_ name: String) throws -> any TrainingRecipe {
    try RecipeKind.load(from: folder.appendingPathComponent(name).path)
  }

  @Test(arguments: names)
  func holdsTogether(name: String) throws {
    let recipe = try Self.loadAny(name)
    try recipe.check()
    #expect(recipe.name.hasSuffix((name as NSString).lastPathComponent.dropLast(5)))
  }

  @Test func namesAreTheirOwn() throws {
    let names = try Self.names.map { try Self.loadAny($0).name }
    #expect(Set(names).count == names.count)
  }

  /// Encoder and heads, as counted in the papers' checkpoints; one set of `k` clusters has
  /// `256 (768 + 1) + 256 (k + 4)`.
  static let counts: [(String, encoder: Int, heads: Int)] = [
    ("music2vec/vanilla", 93_164_288, 590_592),
    ("music2vec/crop5s", 93_164_288, 590_592),
    ("music2vec/multimask", 93_164_288, 619_776),
    ("musichubert/k500-mfcc39", 94_371_712, 325_888),
    ("musichubert/k2000-mfcc39", 94_371_712, 196_864 + 256 * 2004),
    ("mert/95m-rvq-cqt", 94_371_712, 95_550_160 - 94_371_712),
    ("mert/330m-rvq-cqt", 315_428_992, 317_875_664 - 315_428_992),
  ]

  @Test(arguments: counts)
  func hasThePublishedParameters(name: String, encoder: Int, heads: Int) throws {
    let costs = try MaskedCosts(Self.load(name + ".yaml"))
    #expect(costs.encoder.total == encoder)
    #expect(costs.headParameters == heads)
  }

  /// What each music2vec of table 3 varies: the small copies have to vary it too, and keep it.
  static let varied: [(String, path: String)] = [
    ("span5", "mask.spanFrames"), ("span15", "mask.spanFrames"), ("prob50", "mask.probability"),
    ("prob80", "mask.probability"), ("step800k", "training.steps"),
    ("target12", "teacher.ema.targets.topLayers"), ("crop5s", "data.cropSeconds"),
  ]

  @Test(arguments: varied)
  func aSmallCopyVariesTheSame(name: String, path: String) throws {
    for folder in ["music2vec", "nano/music2vec"] {
      let differences = try RecipeFile.differences(
        Self.load("\(folder)/vanilla.yaml"), Self.load("\(folder)/\(name).yaml"))
      #expect(differences.contains { $0.path == path }, "\(folder)/\(name) leaves \(path)")
    }
    if path.hasPrefix("mask") {
      let (full, nano) = (
        try Self.load("music2vec/\(name).yaml"), try Self.load("nano/music2vec/\(name).yaml")
      )
      #expect(full.mask == nano.mask)
    }
  }

  /// All but the sizes is as in the form that MERT-v2 is published in.
  @Test func theEncoderOfMERTv2IsThatOfItsConfiguration() throws {
    let ours = try #require(try Self.load("rq/mert-v2.yaml").melEncoder)
    var published = try MelEncoder.load(
      goldenFolder.appendingPathComponent("models_mel/mert2")
    ).config
    let sizes = try #require(ours.frontEnd.convNeXt)
    published.input.mel = SpectrumInput.MelBands()
    published.frontEnd.convNeXt!.channels = sizes.channels
    published.frontEnd.convNeXt!.layers = sizes.layers
    (published.width, published.layers, published.heads) = (ours.width, ours.layers, ours.heads)
    (published.feedForwardWidth, published.kernel) = (ours.feedForwardWidth, ours.kernel)
    let differences = try RecipeFile.differences(
      ours.writtenOut, published.training(as: ours).writtenOut)
    #expect(differences.isEmpty, "\(differences)")
  }

  /// What the comparison of an encoder with a published one leaves out, because it matters while it is trained alone.
  @Test func theDropoutOfOMARRQIsThatOfItsConfiguration() throws {
    let encoder = try #require(try Self.load("rq/omar-rq.yaml").melEncoder)
    #expect(encoder.writtenOut.inputDropout == 0 && encoder.dropout == 0.2)
    #expect((encoder.attentionDropout, encoder.activationDropout) == (0.2, 0.2))
  }

  @Test(arguments: [
    ("encoder.attention_relax=32", "has no effect"), ("training.fp16=true", "bf16"),
    ("objective.codes.logit_temp=0.1", "objective.codes.temperature"),
    ("mask.no_mask_overlap=true", "spans overlap"), ("data.padAudio=true", "never padded"),
  ])
  func aSettingWithoutEffectIsRefusedWithTheReason(setting: String, reason: String) {
    let error = #expect(throws: RecipeError.self) {
      try Self.load("mert/95m-kmeans-cqt.yaml", settings: [setting])
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }
}
