import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

/// Kind: checks come where a value is used, not first. Reading a recipe refuses what cannot be, with the place
/// where it stands.
@Suite struct RecipeValidationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let nano = root.appendingPathComponent("recipes/nano/mert-nano.yaml").path

  /// A setting of mert-nano or music2vec-nano, and what is said of it.
  static let refused: [(setting: String, words: String)] = [
    ("mask.probability=7", "7 is not between 0 and 1"),
    ("mask.probability=-0.5", "-0.5 is not between 0 and 1"),
    ("mask.spanFrames=0", "0 is not between 1 and 100000"),
    ("mask.minimumSpans=0", "0 is not between 1 and"),
    ("optimizer.beta1=2", "2 is not at least 0 and below 1"),
    ("optimizer.beta2=1", "1 is not at least 0 and below 1"),
    ("optimizer.epsilon=0", "must be above 0, is 0"),
    ("optimizer.weightDecay=-1", "must not be negative, is -1"),
    ("optimizer.clipNorm=.inf", "must not be negative, is inf"),
    ("schedule.peakRate=0", "must be above 0, is 0"),
    ("schedule.warmupSteps=-1", "-1 is not between 0 and"),
    ("training.steps=0", "0 is not between 1 and 1000000000"),
    ("training.logEvery=0", "0 is not between 1 and"),
    ("training.checkpointEvery=0", "0 is not between 1 and"),
    ("training.keepCheckpoints=0", "0 is not between 1 and"),
    ("training.batchSize=4611686018427387904", "4611686018427387904 is not between 1 and 65536"),
    ("training.accumulation=9223372036854775807", "is not between 1 and 65536"),
    ("encoder.layers=1000000000", "1000000000 is not between 1 and 1000"),
    ("encoder.width=0", "0 is not between 1 and 65536"),
    ("encoder.heads=5", "5 does not divide encoder.width 192"),
    ("encoder.dropout=1", "1 is not at least 0 and below 1"),
    ("encoder.layerDrop=-0.1", "is not at least 0 and below 1"),
    ("encoder.sampleRate=9223372036854775807", "is not between 1 and 1000000"),
    ("encoder.frontEnd.channels=[]", "needs at least one convolution"),
    ("encoder.frontEnd.strides=[5, 2]", "has 2 entries, encoder.frontEnd.channels has 7"),
    ("encoder.frontEnd.gradientScale=2", "2 is not between 0 and 1"),
    ("encoder.position.groups=0", "0 is not between 1 and"),
    ("encoder.position.depth=2000", "2000 is not between 1 and 1000"),
    ("data.cropSeconds=250000", "250000 is not between 0.001 and 86400"),
    ("data.cropsPerFile=0", "0 is not between 1 and 1000"),
    ("data.cropSeconds=-1", "-1 is not between 0.001 and 86400"),
    ("data.cropSeconds=.nan", "expected a number, found '.nan'"),
    ("data.cropSeconds=1e400", "expected a number, found '1e400'"),
    ("data.cropSeconds=0.002", "0.002 s are shorter than one frame of the encoder, of 400 samples"),
    ("mask.spanFrames=48", "need crops of 51 frames to leave one unmasked"),
    ("mixing.probability=2", "2 is not between 0 and 1"),
    ("mixing.snippetSamples=[8000, 2]", "expected two whole numbers, the smaller one first"),
    ("mixing.snippetSamples=[1, 2, 3]", "expected 2 elements, found 3"),
    (
      "mixing.snippetSamples=[1, 20000]",
      "snippets of up to 20000 samples do not fit crops of 15600"
    ),
    ("objective.codes.temperature=0", "0 is not between 0.0001 and 10000"),
    ("objective.codes.width=0", "0 is not between 1 and"),
    ("objective.codes=null", "belongs together with teacher.kmeans"),
    ("objective.cqt.bins=20", "must be a multiple of 7"),
    ("objective.cqt.bins=700000000000000000", "is not between 7 and 8400"),
    ("objective.maskedWeight=-1", "must not be negative, is -1"),
    ("objective.featurePenalty=-1", "must not be negative, is -1"),
    ("objective.regression={}", "belongs together with teacher.ema"),
    ("teacher.kmeans[0].clustering.clusters=1", "one code tells nothing; have at least 2"),
    ("teacher.kmeans[0].clustering.restarts=0", "0 is not between 1 and"),
    ("teacher.kmeans[0].fitFrames=99", "99 frames cannot make 100 clusters"),
    ("teacher.kmeans[0].labelRate=-1", "must be above 0, is -1"),
    (
      "teacher.kmeans[0]={ features: null }",
      "says nothing to cluster; name its features or a layer"
    ),
    ("mask.multi={}", "belongs together with objective.regression.decoder"),
    ("mask.multi.masks=65", "65 is not between 1 and 64"),
    ("objective.keySignature.octaves=9", "above half of encoder.sampleRate 24000"),
    ("objective.keySignature.net.kernel=4", "4 taps have no middle"),
    ("objective.relativePitch.semitones=144", "above half of encoder.sampleRate 24000"),
    ("seed=-1", "-1 is not between 0 and"),
  ]

  @Test(arguments: refused.map(\.setting))
  func aSettingIsRefusedByItsName(setting: String) throws {
    let words = try #require(Self.refused.first { $0.setting == setting }).words
    let line = complaint { _ = try load([setting]) }
    let path = try #require(setting.split(separator: "=").first)
    #expect(line.hasPrefix("--set \(path)"), "\(line)")
    #expect(line.contains(words) && !line.contains("\n"), "\(line)")
  }

  /// Contrast needs two crops of each file, and whole pairs in a batch.
  @Test func contrastNeedsPairs() {
    let alone = complaint { _ = try load(["objective.contrast={}"]) }
    #expect(alone.contains("data.cropsPerFile: is 1, but objective.contrast compares two crops"))
    let odd = complaint {
      _ = try load(["objective.contrast={}", "data.cropsPerFile=2", "training.batchSize=3"])
    }
    #expect(odd.contains("training.batchSize: is 3, but objective.contrast compares pairs"))
  }

  /// One part has to count; a regression has no weight of its own and does.
  @Test func aPartOfTheObjectiveHasAWeight() throws {
    let recipe = Self.root.appendingPathComponent("recipes/nano/rq-nano.yaml").path
    let none = ["tokens", "features", "keyClusters"].map { "objective.\($0).weight=0" }
    let line = complaint { _ = try RecipeFile.load(Recipe.self, from: recipe, settings: none) }
    #expect(
      line.hasPrefix("--set objective.") && line.contains(".weight: is 0, and no other part of"),
      "\(line)")
    for other in ["objective.mel.weight=0.1", "objective.randomProjection={}"] {
      _ = try RecipeFile.load(Recipe.self, from: recipe, settings: none + [other])
    }
    _ = try RecipeFile.load(
      Recipe.self, from: recipe,
      settings: none + ["objective.regression={}", "teacher.ema.targets.topLayers=2"])
  }

  /// What no collection could be fitted to, or be as varied as, is refused before one is read.
  @Test(arguments: [
    (
      "projectedRVQ: { quantizer: { codes: 1024 } }", "fitFrames=100",
      "100 frames cannot make the 1024 codes of streams[0].tokens"
    ),
    ("randomProjection: { codes: 2 }", "leastPerplexity=2", "is 2, and a codebook of"),
    ("randomProjection: { codes: 64 }", "leastPerplexity=1000", "has 64 codes, whose perplexity"),
    ("scalar: { levels: [2] }", "leastPerplexity=2", "has 2 codes, whose perplexity is at most"),
  ])
  func countsSuitTheTokens(tokens: String, setting: String, words: String) throws {
    let recipe = Self.root.appendingPathComponent("recipes/nano/rq-nano.yaml").path
    let stream = "objective.tokens.streams=[{ name: a, tokens: { \(tokens) } }]"
    let line = complaint {
      _ = try RecipeFile.load(
        Recipe.self, from: recipe, settings: [stream, "objective.tokens.\(setting)"])
    }
    let name = try #require(setting.split(separator: "=").first)
    #expect(line.hasPrefix("--set objective.tokens.\(name): ") && line.contains(words), "\(line)")
    let least = "objective.tokens.leastPerplexity=1.5"
    if tokens.hasPrefix("scalar") {
      _ = try RecipeFile.load(Recipe.self, from: recipe, settings: [stream, least])
    }
  }

  /// Crops of 7.68 s have 192 frames.
  @Test(arguments: ["waveformNoise", "frameNoise", "shuffledFrames", "embedding"])
  func aWindowIsShorterThanACrop(fill: String) throws {
    let recipe = Self.root.appendingPathComponent("recipes/nano/rq-nano.yaml").path
    for (seconds, frames) in [("100", 2_501), ("7.68", 193)] {
      let line = complaint {
        _ = try RecipeFile.load(
          Recipe.self, from: recipe,
          settings: ["mask.windows.fill=\(fill)", "mask.windows.seconds=\(seconds)"])
      }
      #expect(
        line == "--set mask.windows.seconds: windows of \(seconds) s need crops of \(frames) "
          + "frames to leave one unmasked; those of data.cropSeconds 7.68 have 192; lower it or "
          + "raise that")
    }
    _ = try RecipeFile.load(
      Recipe.self, from: recipe,
      settings: ["mask.windows.fill=\(fill)", "mask.windows.seconds=7.6"])
  }

  /// A highest bin whose frequency no integer holds.
  @Test(arguments: [
    ["melEncoder.input.constantQ.bands=1024", "melEncoder.input.constantQ.bandsPerOctave=12"],
    ["melEncoder.input.constantQ.bands=1024", "melEncoder.input.constantQ.bandsPerOctave=1"],
    [streams("constantQ: { bins: 8400, binsPerOctave: 1 }")],
    [streams("chroma: { classes: 12, spectrum: { bins: 1024, binsPerOctave: 12 } }")],
    ["objective.relativePitch.mostBins=1000"],
  ])
  func aFrequencyBeyondEveryNumberIsRefused(settings: [String]) {
    let recipe = Self.root.appendingPathComponent("recipes/nano/rq-nano.yaml").path
    let line = complaint {
      _ = try RecipeFile.load(Recipe.self, from: recipe, settings: settings)
    }
    #expect(line.contains(" Hz, above half of") && !line.contains("\n"), "\(line)")
  }

  /// A stream of tokens of these features.
  private static func streams(_ features: String) -> String {
    "objective.tokens.streams=[{ name: a, features: { \(features) } }]"
  }

  @Test func everyEarlyTeacherIsChecked() {
    let settings = [
      ("decay.start=2", "2 is not between 0 and 1"), ("decay.steps=-1", "-1 is not between 0"),
      ("targets.topLayers=5", "5 layers are averaged of a model that has encoder.layers 4"),
      ("collapse.patience=-1", "-1 is not between 0"),
      ("collapse.leastTargets=-1", "must not be negative, is -1"),
    ]
    let recipe = Self.root.appendingPathComponent("recipes/nano/music2vec-nano.yaml").path
    for (setting, words) in settings {
      let line = complaint {
        _ = try RecipeFile.load(Recipe.self, from: recipe, settings: ["teacher.ema.\(setting)"])
      }
      #expect(line.hasPrefix("--set teacher.ema.") && line.contains(words), "\(line)")
    }
  }

  /// Several masks leave frames out: they need a decoder, nothing else to predict, and frames.
  @Test func severalMasksAreChecked() {
    let settings = [
      (["objective.mel={}"], "mask.multi: leaves masked frames out"),
      (["objective.regression.decoder=null"], "mask.multi: belongs together with"),
      (["mask.multi=null"], "mask.multi: belongs together with"),
      (["mask.probability=1"], "mask.probability: is the share of frames that each of several"),
      (["mask.probability=0.01"], "fewer than two to predict"),
      (["objective.regression.decoder.groups=5"], "5 does not divide the decoder's width 96"),
      (
        ["objective.regression.decoder={ width: 35, groups: 5 }"],
        "objective.regression.decoder.groups: 5 does not divide encoder.width 192"
      ),
      (["objective.regression.decoder.kernel=4"], "4 taps have no middle"),
    ]
    let recipe = Self.root.appendingPathComponent("recipes/nano/music2vec/multimask.yaml").path
    for (settings, words) in settings {
      let line = complaint {
        _ = try RecipeFile.load(Recipe.self, from: recipe, settings: settings)
      }
      #expect(line.contains(words) && !line.contains("\n"), "\(line)")
    }
  }

  /// The remedy that is offered works.
  @Test func aWarmUpIsNotLongerThanTheRun() throws {
    let line = complaint { _ = try load(["training.steps=20"]) }
    #expect(
      line.hasSuffix(
        "nano/overlays/base.yaml:24: schedule.decaySteps: warmupSteps 40 and decaySteps 200 are more steps than the run has, "
          + "training.steps 20; raise that, or lower schedule.warmupSteps to 2 and "
          + "schedule.decaySteps to 4"), "\(line)")
    let recipe = try load(
      ["training.steps=20", "schedule.warmupSteps=2", "schedule.decaySteps=4"])
    #expect(recipe.schedule.warmupSteps == 2)
    // Decay belongs to three stages alone.
    _ = try load(["schedule.kind=linear", "training.steps=40"])
  }

  /// What is at fault is found in the file where it stands, through parents and stages.
  @Test func thePlaceIsThatOfTheSetting() throws {
    let folder = try TestFolder()
    let parent = try folder.write(
      "objective: { cqt: {} }\nschedule: { warmupSteps: 0 }\nencoder:\n  heads: 5\n", to: "p.yaml")
    let child = try folder.write("extends: p.yaml\nname: c\n", to: "c.yaml")
    #expect(
      complaint { _ = try RecipeFile.load(Recipe.self, from: child) }
        == "\(parent):4: encoder.heads: 5 does not divide encoder.width 768")
    #expect(
      complaint { _ = try RecipeFile.load(Recipe.self, from: child, settings: ["encoder.heads=7"]) }
        == "--set encoder.heads: 7 does not divide encoder.width 768")
    let two = try folder.write(
      "name: two\nteacher:\n  kmeans:\n    - layer: { recipe: p.yaml }\nobjective: { codes: {} }\n",
      to: "two.yaml")
    #expect(
      complaint { _ = try RecipeFile.load(Recipe.self, from: two) }
        == "\(parent):4: teacher.kmeans[0].layer.recipe.encoder.heads: 5 does not divide "
        + "encoder.width 768")
    // A default that a written setting contradicts is found at that setting.
    let wide = try folder.write("objective: { cqt: {} }\nencoder:\n  width: 100\n", to: "w.yaml")
    #expect(
      complaint { _ = try RecipeFile.load(Recipe.self, from: wide) }
        == "\(wide):3: encoder.heads: 12 does not divide encoder.width 100")
  }

  @Test func aPartIsNoRecipe() {
    for name in ["base", "small"] {
      let path = Self.root.appendingPathComponent("recipes/nano/overlays/\(name).yaml").path
      let line = complaint { _ = try RecipeFile.load(Recipe.self, from: path) }
      #expect(line.hasPrefix(path + ":"), "\(line)")
      #expect(line.contains("no objective, so this is a part that other recipes extend"), "\(line)")
    }
    // A change on the command line is not to blame.
    let path = Self.root.appendingPathComponent("recipes/nano/overlays/base.yaml").path
    let line = complaint {
      _ = try RecipeFile.load(Recipe.self, from: path, settings: ["training.batchSize=2"])
    }
    #expect(line.hasPrefix(path + ":"), "\(line)")
  }

  /// A recipe that was changed in code is checked part by part.
  @Test func aRecipeInMemoryIsCheckedToo() throws {
    var recipe = try load([])
    recipe.teacher.kmeans[0].clustering.clusters = 0
    #expect(
      complaint { try recipe.check() }
        == "recipe mert-nano: teacher.kmeans[0].clustering.clusters: 0 is too few: one code tells "
        + "nothing; have at least 2")
    recipe = try load([])
    recipe.data.cropSeconds = .nan
    #expect(complaint { try recipe.check() }.hasPrefix("recipe mert-nano: data.cropSeconds: "))
  }

  /// A machine that cannot train a recipe says so before anything is read.
  @Test func memoryIsCheckedFirst() throws {
    var recipe = Recipe.tinyMERT
    (recipe.training.batchSize, recipe.data.cropSeconds) = (65_536, 600)
    let studio = try TinyStudio()
    let line = complaint { try studio.train(recipe, in: "run") }
    #expect(line.contains("recipe mert: a step needs about ") && line.contains("GB"), "\(line)")
    #expect(try recipe.plan().costs.peakBytes > 1e12, "a plan is made all the same")
  }

  /// All numbers at their bounds: what is planned of them is finite.
  @Test func theLargestRecipeIsCounted() throws {
    let recipe = try load([
      "training.steps=1000000000", "training.batchSize=65536", "training.accumulation=65536",
      "encoder.width=65536", "encoder.heads=65536", "encoder.feedForwardWidth=1048576",
      "encoder.layers=1000", "encoder.position.groups=1", "encoder.position.kernel=65536",
      "data.cropSeconds=86400", "encoder.sampleRate=960000", "objective.codes.width=65536",
      "encoder.frontEnd.channels=[65536, 65536, 65536, 65536, 65536, 65536, 65536]",
      "teacher.kmeans[0].clustering.clusters=1000000", "teacher.kmeans[0].fitFrames=1000000000",
    ])
    let (plan, costs) = (try recipe.plan(), MaskedCosts(recipe))
    #expect(costs.peakBytes.isFinite && costs.peakBytes > 1e18)
    #expect(plan.seconds(peak: 1).isFinite)
    #expect(costs.encoder.total > 0 && costs.headParameters > 0)
  }

  /// A run that was made before there was a check is still read; a setting that is unknown is not.
  @Test func aStoredRecipeIsReadAsItIs() throws {
    let folder = try TestFolder()
    let text = "objective: { cqt: {} }\ntraining: { steps: 20 }\nmask: { probability: 7 }\n"
    let path = try folder.write(text, to: "recipe.yaml")
    let recipe = try RecipeFile.stored(Recipe.self, at: path)
    #expect(recipe.training.steps == 20 && recipe.mask.probability == 7)
    #expect(complaint { try recipe.check() }.contains("mask.probability: 7 is not between 0 and 1"))
    try folder.write(text + "maks: 1\n", to: "recipe.yaml")
    #expect(
      complaint { _ = try RecipeFile.stored(Recipe.self, at: path) }
        == "\(path):4: maks: no such setting; did you mean 'mask'?")
  }

  /// A setting that is added without bounds fails here.
  @Test(arguments: [
    "nano/mert-nano", "nano/music2vec-nano", "mert/95m-rvq-cqt", "musichubert/k2000-iter2",
  ])
  func everyNumberHasBounds(name: String) throws {
    let path = Self.root.appendingPathComponent("recipes/\(name).yaml").path
    let recipe = try RecipeFile.load(Recipe.self, from: path)
    let numbers = try RecipeFile.flattened(recipe).filter {
      Double($0.value) != nil && !$0.path.hasSuffix("seed")
    }
    #expect(numbers.count > 40)
    for (setting, _) in numbers {
      for value in ["-9223372036854775808", "9223372036854775807", ".inf", "-.inf"] {
        let line = complaint {
          _ = try RecipeFile.load(Recipe.self, from: path, settings: ["\(setting)=\(value)"])
        }
        // A float takes the largest integer; what it has no bound for is named.
        let isFloat = Int(value) == .max && Self.withoutMost.contains { setting.hasSuffix($0) }
        #expect(line.hasPrefix("--set \(setting): ") || isFloat, "\(setting)=\(value): \(line)")
      }
    }
  }

  /// Floats that may be as large as they like.
  private static let withoutMost = [
    "optimizer.epsilon", "optimizer.weightDecay", "optimizer.clipNorm", "schedule.peakRate",
    "maskedWeight", "unmaskedWeight", "featurePenalty", "cqt.weight", "cqt.compression",
    "regression.scale", "regression.beta", "collapse.leastTargets", "collapse.leastPredictions",
  ]

  private func load(_ settings: [String]) throws -> Recipe {
    try RecipeFile.load(Recipe.self, from: Self.nano, settings: settings)
  }

  private func complaint(of body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }
}
