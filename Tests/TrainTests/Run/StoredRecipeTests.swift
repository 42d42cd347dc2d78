import Audio
import Files
import Foundation
import HDF5
import Optimisation
import Pretrain
import Settings
import Tensor
import Testing
import Train
import YAML

/// What an earlier version stored is compared by value: a setting that is new has its default there.
@Suite struct StoredRecipeTests {
  private func words(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func settingsThatWereNotThereYetHaveTheirDefaults() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyMERT, in: "whole")
    try studio.train(.tinyMERT, in: "run", labels: "whole", until: 3)
    try studio.editRecipe(3, of: "run") { yaml in
      for line in [
        "  activationCheckpointing: false\n", "  keepCheckpoints: 2\n", "  resampler: soxr\n",
        "      patience: 100\n", "  ema: null\n", "  feedForward: gelu\n", "  decays: all\n",
      ] {
        #expect(yaml.contains(line), "\(line)")
        yaml.replace(line, with: "")
      }
    }
    try studio.train(.tinyMERT, in: "run", labels: "whole", .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
  }

  @Test func whatDoesNotDecideWhatIsLearnedMayChange() throws {
    let studio = try TinyStudio()
    try studio.train(.tinySecond, in: "run", until: 3)
    var recipe = Recipe.tinySecond
    (recipe.training.logEvery, recipe.training.checkpointEvery) = (2, 1)
    (recipe.training.keepCheckpoints, recipe.training.activationCheckpointing) = (1, true)
    recipe.data.decoding = .onDemand
    recipe.teacher.kmeans[0].layer!.recipe!.training.logEvery = 5
    try studio.train(recipe, in: "run", .resuming)
    #expect(try studio.log(of: "run").map(\.step) == [1, 2, 3, 4, 6])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: studio.run("run").checkpoints.path)
        == ["step-6"])
    #expect(
      try RecipeFile.load(Recipe.self, from: studio.run("run").recipeFile.path) == recipe)
  }

  @Test func whatDiffersIsNamedWithBothValues() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 1)
    var recipe = Recipe.tinyData2Vec
    (recipe.schedule.peakRate, recipe.mask.probability) = (0.02, 0.25)
    let text = words { try studio.train(recipe, in: "run", .resuming) }
    #expect(
      text.contains(
        "step-1: does not fit the run, its recipe differs: mask.probability is 0.25 and was 0.5, "
          + "schedule.peakRate is 0.02 and was 0.01; go on with \(studio.run("run").recipeFile.path)"
      ),
      "\(text)")
    (recipe.training.batchSize, recipe.seed) = (3, 6)
    let long = words { try studio.train(recipe, in: "run", .resuming) }
    #expect(long.contains("seed is 6 and was 5") && long.contains(", 1 more;"), "\(long)")
    let asked = words { _ = try RunFolder.latestStep(of: studio.run("run"), recipe: recipe) }
    #expect(asked == long)
  }

  @Test func aSettingOfALaterVersionIsRefused() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 1)
    try studio.editState(1, of: "run") { $0["etude"] = "9.9.9" }
    try studio.editRecipe(1, of: "run") { yaml in
      yaml.replace("training:\n", with: "training:\n  distillation: 3\n")
    }
    let text = words { try studio.train(.tinyData2Vec, in: "run", .resuming) }
    #expect(text.contains("its recipe cannot be read by Etude 0.1.0"), "\(text)")
    #expect(text.contains("training.distillation: no such setting"), "\(text)")
    #expect(text.hasSuffix("go on with the Etude 9.9.9 that wrote it") && !text.contains("\n"))
  }

  /// A checkpoint that names no order is of a version that shuffled a list; it is kept to the run's end.
  @Test func theOrderOfEpochsStaysThatOfTheBeginning() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "new")
    try studio.train(.tinyHuBERT, in: "old", labels: "new", until: 1)
    func order(_ step: Int, of name: String) throws -> String? {
      var order: String?
      try studio.editState(step, of: name) { order = $0["order"] as? String }
      return order
    }
    #expect(try order(6, of: "new") == "keyed")
    try studio.editState(1, of: "old") { $0["order"] = nil }
    try studio.train(.tinyHuBERT, in: "old", labels: "new", .resuming)
    #expect(try order(6, of: "old") == "shuffled")
    #expect(try studio.log(of: "old").last != studio.log(of: "new").last, "other crops")
  }

  // MARK: - Labels

  /// A fingerprint of before is a hash of all codes; new labels are refused by it as well.
  @Test func labelsAreKnownByAFormerFingerprint() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyMERT, in: "run", until: 1)
    var hash = ContentHash()
    let stores = try (0..<2).map { number in
      try LabelStore(
        at: studio.run("run").labels.appendingPathComponent("labels-\(number).h5").path)
    }
    for file in stores[0].files {
      for store in stores {
        try store.codes(of: file.name).integers.withUnsafeBytes { hash.update(Data($0)) }
      }
    }
    let former = String(hash.value, radix: 16)
    try studio.editState(1, of: "run") {
      #expect(($0["labels"] as? String)?.hasPrefix("files-") == true)
      $0["labels"] = former
    }
    try studio.train(.tinyMERT, in: "run", .resuming, until: 3)
    try studio.editState(3, of: "run") { #expect($0["labels"] as? String == former) }
    try studio.editState(3, of: "run") { $0["labels"] = "abc" }
    #expect(words { try studio.train(.tinyMERT, in: "run", .resuming) }.contains("labels differ"))
  }

  /// Labels of a version that had fewer settings, at whose defaults they were made.
  @Test func labelsKnowTheirTeacherByTheSettingsThatDiffer() throws {
    let studio = try TinyStudio()
    let folder = studio.run("labels")
    try studio.session(.tinyHuBERT).teach(into: folder)
    let store = try LabelStore(at: folder.appendingPathComponent("labels-0.h5").path)
    for (former, isSame) in [
      ("clustering.patience=100 ", true), ("fitFrames=200000 ", true),
      ("clustering.clusters=6 ", false),
    ] {
      try store.rewrite(without: former)
      let text = words { try studio.session(.tinyHuBERT).teach(into: folder) }
      #expect((text == "no error") == isSame, "\(former): \(text)")
    }
  }

  /// Labels of quantisers of a version in which all of them scaled frames by one number.
  @Test func labelsOfQuantisersBeforeTheyHadAWhitening() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyBatchNorms, in: "first", until: 2)
    let ofLayers = MelEncoderRecipeTests.quantising(RecipePath(studio.run("first").path))
    for (name, recipe) in [
      ("bands", QuantizerTeacherRecipeTests.projectedRVQ), ("layers", ofLayers),
    ] {
      let folder = studio.run(name)
      try studio.session(recipe).teach(into: folder)
      let store = try LabelStore(at: folder.appendingPathComponent("labels-0.h5").path)
      try store.rewrite(without: "whitening=global ")
      try studio.session(recipe).teach(into: folder)
      var other = recipe
      other.teacher.projectedRVQ?.whitening = .channels
      other.teacher.layerRVQ?.whitening = .channels
      #expect(try Teaching.key(of: recipe) != Teaching.key(of: other))
      #expect(words { try studio.session(other).teach(into: folder) }.contains("another teacher"))
    }
  }

  /// A stage's numbers do not depend on how often it logs, nor a comparison's labels.
  @Test func teachersAreTheSameWhateverIsOnlyWatched() throws {
    var recipe = Recipe.tinySecond
    let key = try Teaching.key(of: recipe)
    recipe.teacher.kmeans[0].layer!.recipe!.training.keepCheckpoints = 9
    recipe.training.steps = 77
    #expect(try Teaching.key(of: recipe) == key)
    recipe.teacher.kmeans[0].layer!.recipe!.training.steps = 7
    #expect(try Teaching.key(of: recipe) != key)
  }
}

extension LabelStore {
  /// Writes itself anew, as a version that did not know a setting wrote it.
  fileprivate func rewrite(without setting: String) throws {
    #expect(description.teacher.contains(setting))
    var description = description
    description.teacher.replace(setting, with: "")
    let writer = try LabelStoreWriter(at: path, description: description)
    for file in files {
      try writer.append(
        file.name, codes: codes(of: file.name), samples: file.samples, audioHash: file.audioHash,
        tolerance: 3)
    }
    try writer.finish()
  }
}

extension TinyStudio {
  /// Changes the `state.json` of a checkpoint, which is then like that of a version without hashes.
  func editState(_ step: Int, of name: String, _ edit: (inout [String: Any]) -> Void) throws {
    let url = run(name).appendingPathComponent("checkpoints/step-\(step)/state.json")
    var state = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as! [String: Any]
    (state["seal"], state["files"]) = (nil, nil)
    edit(&state)
    try JSONSerialization.data(withJSONObject: state).write(to: url)
  }

  /// Changes the recipe that a checkpoint holds.
  func editRecipe(_ step: Int, of name: String, _ edit: (inout String) -> Void) throws {
    try editState(step, of: name) { state in
      var yaml = state["recipe"] as! String
      edit(&yaml)
      state["recipe"] = yaml
    }
  }
}
