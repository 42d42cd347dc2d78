import Foundation
import Settings
import TestSupport
import Testing
import YAML

@Suite struct RecipeFileTests {
  @Test func aMissingKeyKeepsTheDefaultOfItsOwner() throws {
    let recipe = try study("encoder: { layers: 4 }")
    var expected = Study()
    expected.encoder.layers = 4
    #expect(recipe == expected)
    // The owner of `drop` is `Encoder`, which wants 0.25, not `Drop` with its 0.05.
    #expect(try study("encoder: { drop: { input: 0 } }").encoder.drop.layer == 0.25)
  }

  @Test func anOptionalConfigurationIsCompletedClearedOrLeft() throws {
    #expect(try study("teacher: { clusters: 2000 }").teacher == .init(clusters: 2000))
    #expect(try study("teacher: {}").teacher == .init())
    #expect(try study("name: a").teacher == nil)
    #expect(try study("mask: null").mask == nil)
    #expect(try study("mask: { spanFrames: 5 }").mask == .init(spanFrames: 5))
    #expect(try study("encoder: { dropout: ~ }").encoder.dropout == nil)
    #expect(try study("teacher: { inner: }").teacher?.inner == nil)
    // Absent by the parent's default stays absent, although `Mask()` exists.
    #expect(try study("teacher: { inner: {} }").teacher?.inner == .init(probability: 0.5))
  }

  @Test func listsAndDictionariesAreWrittenWhole() throws {
    let recipe = try study("stages: [{ rate: 2 }]\nkernels: []\nweights: { penalty: 10 }")
    #expect(recipe.stages == [.init(width: 7, rate: 2)])
    #expect(recipe.kernels == [])
    #expect(recipe.weights == ["penalty": 10])
  }

  @Test func numbersAreReadAsPeopleWriteThem() throws {
    let recipe = try study(
      """
      learningRate: 1e-4
      threshold: 5
      encoder: { width: 4e2, dropout: .inf }
      seed: 18446744073709551615
      tiny: -128
      name: 2000
      """)
    #expect(recipe.learningRate == 1e-4)
    #expect(recipe.threshold == 5)
    #expect(recipe.encoder.width == 400)
    #expect(recipe.encoder.dropout == .infinity)
    #expect(recipe.seed == .max)
    #expect(recipe.tiny == -128)
    #expect(recipe.name == "2000")
  }

  /// A path, for example, is no YAML.
  @Test(arguments: [
    "plain.tsv", "yes", "1.5", "null", "~", "a: b", "#x", "a #b", "[x]", "{x", "*x", "it's", "- x",
    "\"x\"", "a=b", "é",
  ])
  func aTextStaysAsItIs(text: String) throws {
    let setting = try RecipeFile.setting("name", text: text)
    #expect(try study("name: a", settings: [setting]).name == text)
  }

  @Test func anchorsWork() throws {
    let recipe = try study("teacher: { inner: &m { probability: 0.3 } }\nmask: *m")
    #expect(recipe.mask == .init(probability: 0.3))
    #expect(recipe.teacher?.inner == .init(probability: 0.3))
  }

  @Test func parentsMergeKeyByKey() throws {
    let folder = try TestFolder()
    try folder.write("encoder: { layers: 2, width: 64 }\nname: base", to: "base/base.yaml")
    try folder.write("extends: base.yaml\nencoder: { layers: 3 }", to: "base/middle.yaml")
    let leaf = try folder.write(
      "extends: ../base/middle.yaml\nencoder: { heads: 4 }", to: "nano/leaf.yaml")
    let recipe = try RecipeFile.load(Study.self, from: leaf, settings: ["encoder.width=32"])
    #expect(recipe.encoder == .init(width: 32, heads: 4, layers: 3))
    #expect(recipe.name == "base")
  }

  @Test func ofSeveralParentsTheLaterIsOverTheEarlier() throws {
    let folder = try TestFolder()
    try folder.write(
      "encoder: { layers: 2, width: 64 }\nmask: { probability: 0.1 }", to: "full.yaml")
    try folder.write("encoder: { width: 8 }", to: "small.yaml")
    let leaf = try folder.write(
      "extends: [full.yaml, small.yaml]\nencoder: { heads: 2 }", to: "leaf.yaml")
    let recipe = try RecipeFile.load(Study.self, from: leaf)
    #expect(recipe.encoder == .init(width: 8, heads: 2, layers: 2))
    #expect(recipe.mask?.probability == 0.1)
  }

  @Test func aParentMayBeClearedAndFilledAgain() throws {
    let folder = try TestFolder()
    try folder.write("mask: { probability: 0.1 }", to: "a.yaml")
    let child = try folder.write("extends: a.yaml\nmask: null", to: "b.yaml")
    #expect(try RecipeFile.load(Study.self, from: child).mask == nil)
    let filled = try RecipeFile.load(Study.self, from: child, settings: ["mask.spanFrames=3"])
    #expect(filled.mask == .init(spanFrames: 3))
  }

  @Test func settingsComeLastAndInOrder() throws {
    let settings = [
      "encoder.layers=1", "encoder.layers=2", "mask={ probability: 0.25 }", "kernels=[1, 2]",
      "name=a=b",
    ]
    let recipe = try study("encoder: { layers: 9 }", settings: settings)
    #expect(recipe.encoder.layers == 2)
    #expect(recipe.mask == .init(probability: 0.25))
    #expect(recipe.kernels == [1, 2])
    #expect(recipe.name == "a=b")
    #expect(try RecipeFile.defaults(of: Study.self, settings: ["tiny=1"]).tiny == 1)
  }

  @Test func theResolvedRecipeReadsBackEqual() throws {
    var recipe = Study()
    recipe.mask = nil
    recipe.encoder.dropout = nil
    recipe.teacher = .init(clusters: 3, features: .logmel229, inner: nil)
    recipe.learningRate = 0.1 + 1e-8
    recipe.threshold = .leastNonzeroMagnitude
    recipe.weights = ["on": 1e16, "1": .infinity, "a: b": -0.0]
    recipe.stages = []
    let text = try RecipeFile.yaml(of: recipe)
    #expect(try study(text) == recipe)
    #expect(try RecipeFile.yaml(of: study(text)).split(separator: "\n").count > 20)
  }

  @Test(arguments: [
    "", " ", "true", "no", "null", "~", "12", "1e5", "a: b", "# c", "- x", "'", "\"", "line\nline",
    "tab\there", "ünï 🎹", "2001-01-01", "*a", "&a", "{", "0x1F", ".inf", "trailing ", "é\u{0301}",
    "\u{1}", "C:\\x", "%", "@", "`", "<<", "=", "?", ":", "a #b",
  ])
  func anyTextReadsBackEqual(name: String) throws {
    var recipe = Study()
    recipe.name = name
    recipe.weights = [name: 1]
    #expect(try study(RecipeFile.yaml(of: recipe)) == recipe)
  }

  @Test func theResolvedRecipeKeepsTheOrderOfDeclaration() throws {
    let text = try RecipeFile.yaml(of: Study())
    let keys = text.split(separator: "\n").filter { !$0.hasPrefix(" ") && !$0.hasPrefix("-") }
      .compactMap { $0.split(separator: ":").first.map(String.init) }
    #expect(
      keys == [
        "name", "encoder", "mask", "teacher", "stages", "kernels", "learningRate", "threshold",
        "seed", "tiny", "isShuffled", "precision", "weights",
      ])
    #expect(text.contains("teacher: null\n"))
    #expect(text.contains("kernels: [10, 3, 3]\n"))
    #expect(text.contains("threshold: 1.0e-12\n"))
  }

  @Test func flatteningNamesEveryValue() throws {
    let flat = try RecipeFile.flattened(Study())
    #expect(flat.first { $0.path == "encoder.drop.layer" }?.value == "0.25")
    #expect(flat.first { $0.path == "stages[1].width" }?.value == "3")
    #expect(flat.first { $0.path == "kernels" }?.value == "[10, 3, 3]")
    #expect(flat.first { $0.path == "teacher" }?.value == "null")
    #expect(Set(flat.map(\.path)).count == flat.count)
  }

  @Test func differencesNameBothSides() throws {
    var other = Study()
    other.encoder.layers = 4
    other.teacher = .init()
    let differences = try RecipeFile.differences(Study(), other)
    #expect(
      differences.map(\.path) == [
        "encoder.layers", "teacher", "teacher.clusters", "teacher.features",
        "teacher.inner.probability", "teacher.inner.spanFrames",
      ])
    #expect(differences[0].a == "12" && differences[0].b == "4")
    #expect(differences[2].a == nil && differences[2].b == "500")
    #expect(try RecipeFile.differences(other, other).isEmpty)
  }
}
