import Foundation
import Models
import Optimisation
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

/// Training in bf16: the same curve as in fp32, the same bits twice, refused where it would be slow.
@Suite struct PrecisionTests {
  private static func inBF16(_ recipe: Recipe) -> Recipe {
    var recipe = recipe
    recipe.training.precision = .bf16
    return recipe
  }

  private func checkpoints(
    _ a: String, _ b: String, of studio: TinyStudio, at step: Int
  ) throws -> Bool {
    try studio.checkpoint(step, of: a) == studio.checkpoint(step, of: b)
  }

  @Test(arguments: [Recipe.tinyHuBERT, .tinyMERT, .tinyData2Vec])
  func resumedEqualsUninterrupted(recipe: Recipe) throws {
    let recipe = Self.inBF16(recipe)
    let studio = try TinyStudio()
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "again", labels: "whole")
    #expect(try checkpoints("whole", "again", of: studio, at: 6))
    try studio.train(recipe, in: "pieces", labels: "whole", until: 3)
    try studio.train(recipe, in: "pieces", labels: "whole", .resuming)
    #expect(try checkpoints("whole", "pieces", of: studio, at: 6))
    #expect(try studio.log(of: "whole") == studio.log(of: "pieces"))
  }

  /// 50 steps from one seed: every loss within 1 % of that in fp32, though not the same.
  @Test func followsTheCurveOfFP32() throws {
    var recipe = Recipe.tinyMERT
    (recipe.training.steps, recipe.training.checkpointEvery) = (50, 50)
    recipe.schedule.peakRate = 0.002
    let studio = try TinyStudio()
    try studio.train(recipe, in: "fp32")
    try studio.train(Self.inBF16(recipe), in: "bf16", labels: "fp32")
    let (whole, half) = (
      try studio.log(of: "fp32").map(\.loss), try studio.log(of: "bf16").map(\.loss)
    )
    #expect(whole.count == 50 && half.count == 50 && whole != half)
    #expect(whole.suffix(5).reduce(0, +) < whole.prefix(5).reduce(0, +), "nothing was learned")
    for (step, (a, b)) in zip(whole, half).enumerated() {
      #expect(abs(a - b) < 0.01 * a, "step \(step + 1): \(b) in bf16, \(a) in fp32")
    }
  }

  @Test func warnsWhereTheCPUHasNoSuchProducts() throws {
    var machine = Machine.current
    (machine.cpu, machine.features) = ("Old One", ["avx2", "fma", "avx512f"])
    #expect(Precision.fp32.warning(on: machine) == nil)
    let line = try #require(Precision.bf16.warning(on: machine))
    #expect(line.contains("fp32") && !line.contains("\n"), "\(line)")
    if Machine.oneDNNLimit == nil { #expect(line.contains("Old One")) }
    for feature in ["avx512_bf16", "amx_bf16"] {
      machine.features = [feature]
      #expect(Precision.bf16.warning(on: machine) == nil)
    }
  }

  @Test func isASettingOfARecipe() throws {
    let folder = try TestFolder()
    let file = try folder.write(
      "{ objective: { cqt: {} }, training: { precision: bf16 } }\n", to: "a.yaml")
    #expect(try RecipeFile.load(Recipe.self, from: file).training.precision == .bf16)
    let set = try RecipeFile.load(
      Recipe.self, from: file, settings: ["training.precision=fp32"])
    #expect(set.training.precision == .fp32 && Recipe().training.precision == .fp32)
    do {
      _ = try RecipeFile.load(Recipe.self, from: file, settings: ["training.precision=bf61"])
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains("training.precision: expected one of fp32, bf16"), "\(error)")
    }
  }
}
