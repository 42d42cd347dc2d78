import Audio
import Files
import Foundation
import HDF5
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train

@Suite struct ValidationTests {
  private func validating(
    _ recipe: Recipe, _ edit: (inout Recipe.Validation) -> Void = { _ in }
  ) -> Recipe {
    var recipe = recipe
    recipe.validation = Recipe.Validation()
    (recipe.validation!.share, recipe.validation!.every) = (0.5, 2)
    edit(&recipe.validation!)
    return recipe
  }

  private func manifest(of files: [String], in studio: TinyStudio) throws -> RecipePath {
    var manifest = try Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest
    manifest.entries = manifest.entries.filter { files.contains($0.path) }
    let path = studio.folder.url.appendingPathComponent("held-out.tsv").path
    try manifest.write(to: path)
    return RecipePath(path)
  }

  private func validations(_ name: String, _ studio: TinyStudio) throws -> [ValidationRecord] {
    try RunLog.validations(of: studio.run(name).logFile)
  }

  /// The files of the studio's music that a run trained on.
  private func trained(_ name: String, _ studio: TinyStudio) throws -> [String] {
    let text = try String(
      contentsOf: studio.run(name).appendingPathComponent("data.tsv"), encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { String($0.split(separator: "\t")[0]) }
  }

  @Test func aShareIsHeldOutByItsPaths() throws {
    let studio = try TinyStudio()
    try studio.train(validating(.tinyHuBERT), in: "run")
    let paths = (0..<4).map { "\($0).wav" }
    let kept = paths.filter { path in
      var hash = ContentHash()
      hash.update(Data(path.utf8))
      return Double(hash.value) / 0x1p64 >= 0.5
    }
    #expect(!kept.isEmpty && kept.count < 4)
    #expect(try trained("run", studio) == kept)
    // The teachers have not met them either.
    let store = try LabelStore(
      at: studio.run("run").labels.appendingPathComponent("labels-0.h5").path)
    #expect(store.files.map(\.name) == kept)
    let records = try validations("run", studio)
    #expect(records.map(\.step) == [2, 4, 6])
    #expect(records.allSatisfy { $0.validation.terms["accuracy.0"] != nil })
  }

  /// Against a run on the same files that is not validated: every number of training is the same.
  @Test(arguments: [Recipe.tinyHuBERT, .tinyMERT, .tinyData2Vec, .tinyMultiMask])
  func trainingDoesNotChange(recipe: Recipe) throws {
    let studio = try TinyStudio()
    let validated = validating(recipe) { ($0.every, $0.crops) = (1, 3) }
    try studio.train(validated, in: "validated")
    let others = studio.folder.url.appendingPathComponent("others")
    try FileManager.default.createDirectory(at: others, withIntermediateDirectories: true)
    for file in try trained("validated", studio) {
      try FileManager.default.copyItem(
        at: studio.music.appendingPathComponent(file), to: others.appendingPathComponent(file))
    }
    try studio.train(recipe, in: "plain", on: others)
    let (a, b) = (try studio.checkpoint(6, of: "validated"), try studio.checkpoint(6, of: "plain"))
    for name in a.keys where name.hasSuffix(".safetensors") {
      #expect(a[name] == b[name], "\(name)")
    }
    #expect(try studio.log(of: "validated") == studio.log(of: "plain"))
    #expect(try validations("validated", studio).count == 6)
  }

  @Test(arguments: [Recipe.tinyHuBERT, .tinyData2Vec, .tinyMultiMask])
  func aResumedRunValidatesTheSame(recipe: Recipe) throws {
    let studio = try TinyStudio()
    try studio.train(validating(recipe), in: "whole")
    try studio.train(validating(recipe), in: "halved", until: 3)
    try studio.train(validating(recipe), in: "halved", .resuming)
    let whole = try validations("whole", studio)
    #expect(try whole == validations("halved", studio))
    #expect(Set(whole.map(\.validation.loss)).count == 3, "it follows the weights")
    let states = try ["whole", "halved"].map {
      try studio.checkpoint(6, of: $0)["model.safetensors"]
    }
    #expect(states[0] == states[1])
  }

  /// By hand: crops in the order of the seed, the teacher's codes for them, the weights of the last step.
  @Test func theLossIsThatOfTheHeldOutCrops() throws {
    let studio = try TinyStudio()
    let path = try manifest(of: ["1.wav", "2.wav"], in: studio)
    let recipe = validating(.tinyHuBERT) {
      ($0.share, $0.manifest, $0.crops) = (nil, path, 4)
    }
    try studio.train(recipe, in: "run")
    #expect(try trained("run", studio) == ["0.wav", "3.wav"])
    let labels = studio.run("run").labels
    let clusters = try KMeans(
      tensors: SafeTensors(contentsOf: labels.appendingPathComponent("teacher-0.safetensors"))
        .tensors(), file: "teacher-0")
    let store = try LabelStore(at: labels.appendingPathComponent("labels-validation-0.h5").path)
    #expect(store.files.map(\.name) == ["1.wav", "2.wav"])
    let frames = try FrontEndFrames(.mfcc39, sampleRate: 8_000, frameRate: 100)
    let audio = try DecodedAudio(
      Manifest(contentsOf: path.path), sampleRate: 8_000, scratchFolder: studio.folder.path)
    for file in 0..<2 {
      #expect(
        try store.codes(of: audio.files[file].path).integers
          == clusters.assign(frames.frames(of: file, in: audio)))
    }

    var learner = try recipe.model(codebooks: [6])
    try learner.restore(from: studio.run("run").appendingPathComponent("checkpoints/step-6"))
    let codes = try audio.files.map { entry in
      let all = try store.codes(of: entry.path).integers
      return [stride(from: 0, to: all.count, by: 2).map { all[$0] }]
    }
    let sampler = try CropSampler(
      TrainingMaterial(audio, labels: LabelsInMemory(codes)), recipe: recipe)
    var (loss, weight) = (0.0, 0.0)
    for number in 0..<2 {
      let found = try learner.heldOutLoss(
        of: sampler.batch(number), samples: number * 2..<(number + 1) * 2, step: 6,
        precision: .fp32)
      loss += Double(found.weight) * Double(found.loss.total.scalar)
      weight += Double(found.weight)
    }
    let record = try #require(try validations("run", studio).last)
    #expect(abs(record.validation.loss - Float(loss / weight)) < 1e-6)
    #expect(record.validation.crops == 4)
  }

  @Test func averagedWeightsAreValidated() throws {
    let studio = try TinyStudio()
    var recipe = validating(.tinyHuBERT)
    try studio.train(recipe, in: "plain")
    recipe.training.averaging = WeightAveraging()
    try studio.train(recipe, in: "averaged")
    #expect(try validations("plain", studio) != validations("averaged", studio))
  }

  @Test func theBestCheckpointIsKeptAndARunEndsEarly() throws {
    let studio = try TinyStudio()
    // A rate that makes it worse after the first validation.
    var recipe = validating(.tinyHuBERT) { ($0.every, $0.patience) = (1, 2) }
    (recipe.training.steps, recipe.training.keepCheckpoints) = (40, 1)
    recipe.schedule = .init(kind: .constant, peakRate: 0.3, warmupSteps: 0)
    try studio.train(recipe, in: "run")
    let losses = try validations("run", studio)
    let best = try #require(losses.min { $0.validation.loss < $1.validation.loss })
    let last = try #require(losses.last)
    #expect(last.step == best.step + 2 && last.step < 40)
    let checkpoints = studio.run("run").checkpoints
    let names = try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).sorted()
    #expect(Set(names).isSuperset(of: ["step-\(best.step)", "step-\(last.step)", "best"]))
    let link = checkpoints.appendingPathComponent("best").resolvingSymlinksInPath()
    #expect(link.lastPathComponent == "step-\(best.step)")
    let events = try RunLog.events(of: studio.run("run").logFile)
    #expect(
      events.contains { $0.event.hasPrefix("ended early: 2 validations without a better loss") })
    #expect(try RunFolder.isFinished(studio.run("run"), recipe: recipe))

    // It stays ended, and more patience goes on.
    try studio.train(recipe, in: "run", .resuming)
    #expect(try validations("run", studio).count == losses.count)
    recipe.validation!.patience = 3
    try studio.train(recipe, in: "run", .resuming)
    #expect(try validations("run", studio).count > losses.count)
  }

  private func bestLink(of name: String, in studio: TinyStudio) -> URL {
    studio.run(name).checkpoints.appendingPathComponent("best")
  }

  /// What a process leaves that is killed after it has written the best checkpoint, and before the link to it.
  @Test func theLinkToTheBestIsMadeAgain() throws {
    let (studio, recipe) = (try TinyStudio(), validating(.tinyHuBERT))
    try studio.train(recipe, in: "run")
    let link = bestLink(of: "run", in: studio).path
    let best = try FileManager.default.destinationOfSymbolicLink(atPath: link)
    try FileManager.default.removeItem(atPath: link)
    try studio.train(recipe, in: "run", .resuming)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == best)
  }

  /// A folder in its place: the checkpoints are whole, and the messages say so.
  @Test func aLinkThatCannotBeMadeIsNamed() throws {
    let (studio, recipe) = (try TinyStudio(), validating(.tinyHuBERT))
    let link = bestLink(of: "run", in: studio).path
    try studio.folder.write("text", to: "runs/run/checkpoints/best/file")
    let text = complaint { try studio.train(recipe, in: "run") }
    #expect(text.contains("step-6 is whole, but \(link): cannot be written: "), "\(text)")
    let events = try RunLog.events(of: studio.run("run").logFile).map(\.event)
    #expect(events.contains { $0.hasPrefix("step-2 is whole, but ") }, "\(events)")
    try FileManager.default.removeItem(atPath: link)
    try studio.train(recipe, in: "run", .resuming)
    let best = try FileManager.default.destinationOfSymbolicLink(atPath: link)
    #expect(try studio.checkpoints(of: "run").contains(best))
  }

  /// The mean over the label sets of every head of codes, and over nothing else that has an accuracy.
  @Test func theAccuracyIsThatOfCodes() {
    let codes: [String: Float] = [
      "accuracy.0": 0.5, "accuracy.1": 0.25, "randomProjection.accuracy.0": 0.125,
      "projectedRVQ.accuracy.0": 0.25, "tokens.slow.0.accuracy": 0.75, "tokens.mel.10.accuracy": 0,
    ]
    let others: [String: Float] = [
      "keyClusters.accuracy": 1, "contrast.accuracy": 1, "unmasked.accuracy.0": 1, "codes.0": 3,
      "unmasked.randomProjection.accuracy.0": 1, "unmasked.tokens.slow.0.accuracy": 1,
      "tokens.slow.0.loss": 2, "perplexity.0": 4,
    ]
    func accuracy(_ terms: [String: Float]) -> Float? {
      let record = ValidationRecord(step: 1, loss: 7, terms: terms, crops: 2)
      return Recipe.Measure.accuracy.value(of: record)
    }
    #expect(accuracy(codes.merging(others) { $1 }) == 1.875 / 6)
    #expect(accuracy(others) == nil)
  }

  /// Numbers whose sum depends on the order are summed by their names.
  @Test func theAccuracyHasTheSameBitsEachTime() {
    let terms = (0..<10).map { ("accuracy.\($0)", 1 / Float($0 + 3)) }
    let expected = terms.reduce(Float(0)) { $0 + $1.1 } / 10
    for shift in 0..<10 {
      let turned = Dictionary(uniqueKeysWithValues: Array(terms[shift...] + terms[..<shift]))
      let record = ValidationRecord(step: 1, loss: 7, terms: turned, crops: 2)
      #expect(Recipe.Measure.accuracy.value(of: record) == expected)
    }
  }

  @Test func aCodecIsValidated() throws {
    let studio = try TinyStudio()
    var recipe = CodecRecipe.tinyCodec
    recipe.validation = Recipe.Validation()
    (recipe.validation!.share, recipe.validation!.every) = (0.5, 3)
    let folder = studio.run("codec")
    try TrainingJob(
      recipe, data: Manifest.scan(studio.music.path, minimumSeconds: 0.1),
      scratch: studio.folder.url, watch: { _ in }
    ).train(in: folder, labels: folder)
    let records = try RunLog.validations(of: folder.logFile)
    #expect(records.map(\.step) == [3, 6])
    for record in records {
      #expect(record.validation.terms["siSDR"] != nil && record.validation.loss.isFinite)
    }
  }

  @Test func aProbeIsAskedAndLogged() throws {
    let studio = try TinyStudio()
    let recipe = validating(.tinyHuBERT) {
      $0.probe = Recipe.Probe()
      $0.probe!.every = 4
    }
    #expect(
      complaint { try studio.train(recipe, in: "none") }
        == "recipe hubert: validation.probe needs a job with a probe; leave it out here")
    let folder = studio.run("run")
    try TrainingJob(
      recipe, data: Manifest.scan(studio.music.path, minimumSeconds: 0.1),
      scratch: studio.folder.url,
      probe: { encoder, settings in
        ["width": Double(encoder.config.width), "pieces": Double(settings.pieces)]
      }, watch: { _ in }
    ).train(in: folder, labels: folder.labels)
    #expect(
      try RunLog.probes(of: folder.logFile)
        == [4, 6].map { ProbeRecord(step: $0, probe: ["width": 12, "pieces": 48]) })
    #expect(try RunLog.steps(of: folder.logFile).count == 6)
  }

  // MARK: - What is refused

  @Test func somethingIsHeldOutAndSomethingIsLeft() throws {
    let studio = try TinyStudio()
    let few = validating(.tinyHuBERT) { $0.share = 0.000_01 }
    #expect(
      complaint { try studio.train(few, in: "run") }.hasSuffix(
        "none of 4 files is held out; raise validation.share, or name files in validation.manifest")
    )
    let all = try manifest(of: (0..<4).map { "\($0).wav" }, in: studio)
    let every = validating(.tinyHuBERT) { ($0.share, $0.manifest) = (nil, all) }
    #expect(
      complaint { try studio.train(every, in: "run") }
        .hasSuffix("every file is held out by validation.manifest"))
  }

  @Test func labelsOfHeldOutFilesAreRefused() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "plain")
    #expect(
      complaint { try studio.train(validating(.tinyHuBERT), in: "run", labels: "plain") }
        .contains("so that its teacher may be fitted to it"))
  }

  /// The copy was labelled, too, and that is no reason to refuse the labels.
  @Test func copiesThatAreTrainedOnAreNamed() throws {
    let studio = try TinyStudio()
    let elsewhere = studio.folder.url.appendingPathComponent("elsewhere")
    try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: studio.music.appendingPathComponent("1.wav"),
      to: elsewhere.appendingPathComponent("x.wav"))
    let path = studio.folder.url.appendingPathComponent("held-out.tsv").path
    try Manifest.scan(elsewhere.path, minimumSeconds: 0.1).manifest.write(to: path)
    try studio.train(
      validating(.tinyHuBERT) { ($0.share, $0.manifest) = (nil, RecipePath(path)) }, in: "run")
    #expect(
      studio.warnings.contains {
        $0.hasPrefix("1 of 1 held-out files, such as x.wav, have a copy that is trained on")
      })
    #expect(try trained("run", studio).count == 4)
    #expect(try validations("run", studio).count == 3)
  }

  @Test func otherHeldOutFilesAreNoticed() throws {
    let studio = try TinyStudio()
    let path = try manifest(of: ["1.wav"], in: studio)
    let recipe = validating(.tinyData2Vec) { ($0.share, $0.manifest) = (nil, path) }
    try studio.train(recipe, in: "run", until: 3)
    try studio.write(TinyStudio.music(seconds: 2.2, seed: 9), to: "1.wav")
    #expect(
      complaint { try studio.train(recipe, in: "run", .resuming) }
        .contains("the files that are held out for validation differ"))
    try studio.train(recipe, in: "run", .resuming, acceptingOtherData: true)
    #expect(studio.remarks.contains { $0.hasSuffix("is validated on other files from here on") })
  }

  @Test func settingsThatDoNotFitAreRefused() {
    func complaint(_ edit: (inout Recipe) -> Void) -> String {
      var recipe = validating(.tinyHuBERT)
      edit(&recipe)
      return TestSupport.complaint { try recipe.check() }
    }
    #expect(complaint { $0.validation!.share = nil }.contains("validation: holds nothing out"))
    #expect(complaint { $0.validation!.manifest = RecipePath("x.tsv") }.contains("one of them"))
    #expect(complaint { $0.validation!.share = 0.7 }.contains("0.7 is not between"))
    #expect(complaint { _ in } == "no error")
    var recipe = validating(.tinyData2Vec)
    recipe.validation!.measure = .accuracy
    #expect(
      TestSupport.complaint { try recipe.check() }.contains("validation.measure: accuracy is"))
  }
}
