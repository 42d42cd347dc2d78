import Evaluate
import Files
import Foundation
import Models
import Optimisation
import Tensor
import TestSupport
import Testing

/// Fine-tuning, against PyTorch where the answers are those of `Tests/Golden/fine_tuning.py`.
@Suite struct FineTuningTests {
  private func model(_ part: FineTuning.Part) throws -> FineTuned {
    let values = try golden("fine_tuning")
    var config = Perceptron.Config()
    (config.hiddenUnits, config.dropout) = (6, 0)
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var head = Perceptron(width: 12, layers: 1, outputs: 3, config, using: &generator)
    head.hidden = Linear(
      weight: try values.named("head.hidden.weight"), bias: try values.named("head.hidden.bias"))
    head.output = Linear(
      weight: try values.named("head.output.weight"), bias: try values.named("head.output.bias"))
    let encoder = try AudioEncoder.load(goldenFolder.appendingPathComponent("models/hubert-post"))
    var model = FineTuned(encoder, part, head: head, using: &generator)
    for number in model.adapter?.updates.indices ?? 0..<0 {
      model.adapter!.updates[number].down = try values.named("lora.\(number).down").tracked()
    }
    return model
  }

  private func loss(of model: FineTuned) throws -> Tensor {
    let values = try golden("fine_tuning")
    let outputs = model(
      try values.named("waveform"), layers: [2], in: .evaluating(keeping: .hiddenStates))
    let truth = try values.named("classes").integers.map { Truth.label(Int($0)) }
    return Truth.loss(of: outputs, truth)
  }

  /// Eight steps of AdamW on the whole encoder, or on low-rank updates of it.
  @Test(arguments: [("whole", FineTuning.Part.whole), ("lora", .lowRank(2))])
  func stepsAreThoseOfPyTorch(name: String, part: FineTuning.Part) throws {
    var model = try model(part)
    var optimiser = model.optimiser
    var losses: [Float] = []
    for _ in 0..<8 {
      let loss = try loss(of: model)
      losses.append(loss.scalar)
      optimiser.update(&model, along: loss.gradients(), rate: 1e-2)
    }
    let values = try golden("fine_tuning")
    expectClose(Tensor(losses), try values.named("\(name).losses"), relative: 1e-4)
    let pass = ForwardPass.evaluating(keeping: .hiddenStates)
    _ = model.model(try values.named("waveform"), in: pass)
    expectClose(pass.hiddenStates[2], try values.named("\(name).states"), relative: 2e-3)
  }

  /// What is not trained keeps its bits and has no moments.
  @Test(arguments: [
    (FineTuning.Part.last(1), ["encoder.transformer.layers.1.", "head."]),
    (.lowRank(2), ["adapter.", "head."]),
  ])
  func theRestStaysAsItIs(part: FineTuning.Part, changed: [String]) throws {
    var model = try model(part)
    let before = Dictionary(uniqueKeysWithValues: model.state.map { ($0.path, $0.tensor.scalars) })
    var optimiser = model.optimiser
    for _ in 0..<2 {
      optimiser.update(&model, along: try loss(of: model).gradients(), rate: 1e-2)
    }
    for (path, tensor) in model.state {
      let trained = changed.contains { path.hasPrefix($0) }
      // A key's bias adds the same to all scores of a query, so nothing may move it.
      if path.hasSuffix("key.bias") { continue }
      #expect((tensor.scalars != before[path]) == trained, "\(path)")
      #expect((optimiser.state["first.\(path)"] != nil) == trained, "\(path)")
    }
  }

  /// The genres of the small GTZAN, by models that are trained along; the same on one core as on several.
  @Test(arguments: [FineTuning.Part.whole, .last(1), .lowRank(4)])
  func aTaskIsFineTuned(part: FineTuning.Part) throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    try GTZANRhythmFixture.write(to: folder.url)
    func results() throws -> MarbleResults {
      var probe = Perceptron.Config()
      probe.hiddenUnits = 32
      return try Marble(
        ["GTZAN", "GTZANBT"].map { MarbleTask(named: $0)! }, of: [try MarbleSupport.tiny()],
        root: folder.url, setting: MarbleSetting(fineTuning: FineTuning(part)),
        grid: ProbeGrid(rates: [1e-2], probe: probe, epochs: 3),
        store: EmbeddingStore(folder.url.appendingPathComponent("store")),
        keepingModelsIn: folder.url.appendingPathComponent("kept")
      ).run()
    }
    let found = try results()
    #expect(found.outcomes.map(\.task) == ["GTZAN"])
    #expect(found.missing.map(\.item) == ["GTZANBT"])
    #expect(found.outcomes[0].counts == [.train: 9, .valid: 9, .test: 9])
    #expect(found.outcomes[0].leftOut.map(\.item) == ["jazz.00054"])
    #expect(found.outcomes[0].values[0].score.isFinite)
    #expect(try found.json() == Cores.alone { try results().json() })
    let kept = try AudioEncoder.load(folder.url.appendingPathComponent("kept/GTZAN/tiny"))
    #expect(kept.config.layers == 2)
    try found.write(to: folder.url)
    let page = try folder.text(of: "report.md")
    #expect(page.contains("# MARBLE v1, unconstrained track: \(FineTuning(part).name)"))
  }

  /// The results of a training in three epochs, which keeps how far it has come.
  private func tune(
    _ part: FineTuning.Part, _ folder: URL, scores: String, every seconds: Double = 1e9,
    watch: @escaping (_ epoch: Int) -> Void = { _ in }
  ) throws -> Data {
    var probe = Perceptron.Config()
    (probe.hiddenUnits, probe.batchSize) = (32, 4)
    return try Marble(
      [MarbleTask(named: "GTZAN")!], of: [MarbleSupport.tiny()], root: folder,
      setting: MarbleSetting(fineTuning: FineTuning(part)),
      grid: ProbeGrid(rates: [1e-2, 3e-3], probe: probe, epochs: 3),
      store: EmbeddingStore(folder.appending(path: "store")),
      scoresIn: folder.appending(path: scores), every: seconds
    ) { if case .epoch(_, _, let epoch, _) = $0 { watch(epoch) } }.run().json()
  }

  /// From what is kept after an epoch, or after the last update of the next.
  @Test(arguments: [FineTuning.Part.whole, .lowRank(4)], [1e9, 0])
  func itGoesOnToTheSameBits(part: FineTuning.Part, every: Double) throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    var trained = 0
    let whole = try tune(part, folder.url, scores: "whole", every: every) { _ in
      // When each epoch ends, before that is kept.
      try? FileManager.default.copyItem(
        atPath: folder.path("whole"), toPath: folder.path("killed-\(trained)"))
      trained += 1
    }
    #expect(trained == 6)
    for killed in [1, 2, 4] {
      var epochs: [Int] = []
      let resumed = try tune(part, folder.url, scores: "killed-\(killed)") { epochs.append($0) }
      #expect(resumed == whole)
      #expect(epochs == [1, 2, 3, 1, 2, 3].suffix(6 - killed))
      let left = try FileManager.default.contentsOfDirectory(
        atPath: folder.path("killed-\(killed)"))
      #expect(left.count == 1 && left[0].hasSuffix(".json"))
    }
  }

  @Test func aDamagedFileOfATrainingIsNamed() throws {
    let folder = try TestFolder()
    try GTZANFixture.write(to: folder.url)
    _ = try tune(.last(1), folder.url, scores: "whole") { epoch in
      try? FileManager.default.copyItem(
        atPath: folder.path("whole"), toPath: folder.path("killed"))
    }
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path("killed"))
    let name = try #require(files.first { $0.hasSuffix("choice-1.safetensors") })
    let file = folder.url.appending(path: "killed/\(name)")
    let all = try Data(contentsOf: file)
    try all.prefix(all.count / 2).write(to: file)
    expectError(file.path) { _ = try tune(.last(1), folder.url, scores: "killed") }
    try SafeTensors.write(["a": Tensor([1])], to: file)
    expectError("\(file.path): is not of this training; remove it to begin anew") {
      _ = try tune(.last(1), folder.url, scores: "killed")
    }
  }

  /// Two epochs or fewer on low and high tones, with the model kept; the epochs that were trained.
  private func keepModel(
    _ part: FineTuning.Part, seed: Int = 1234, in folder: URL, of table: URL
  ) throws -> [Int] {
    var epochs: [Int] = []
    var probe = Perceptron.Config()
    (probe.hiddenUnits, probe.seed) = (8, seed)
    let results = try Marble(
      [MarbleTask(labels: table)], of: [MarbleSupport.tiny()], root: folder,
      setting: MarbleSetting(fineTuning: FineTuning(part)),
      grid: ProbeGrid(rates: [1e-2], probe: probe, epochs: 2),
      store: EmbeddingStore(folder.appending(path: "store")),
      keepingModelsIn: folder.appending(path: "kept"), scoresIn: folder.appending(path: "scores")
    ) { if case .epoch(_, _, let epoch, _) = $0 { epochs.append(epoch) } }.run()
    #expect(results.failed.isEmpty)
    return epochs
  }

  /// A score is not found beside another training's model, and none takes the place of another.
  @Test func aKeptModelIsThatOfItsScore() throws {
    let folder = try TestFolder()
    let table = try LabelTableFixture.write(below: folder.url, seconds: 0.5)
    #expect(try keepModel(.lowRank(4), in: folder.url, of: table) == [1, 2])
    #expect(try keepModel(.lowRank(4), in: folder.url, of: table) == [])
    let kept = folder.path("kept/labels/tiny")
    let weights = try Data(contentsOf: URL(filePath: "\(kept)/model.safetensors"))
    for (part, seed) in [(FineTuning.Part.whole, 1234), (.lowRank(4), 1)] {
      expectError(kept, "(MARBLE v1, unconstrained track: LoRA of rank 4, seed 1234)", "--keep") {
        _ = try keepModel(part, seed: seed, in: folder.url, of: table)
      }
    }
    #expect(try Data(contentsOf: URL(filePath: "\(kept)/model.safetensors")) == weights)
    try folder.write("{}", to: "kept/labels/tiny/marble.json")
    expectError("\(kept): holds other files than a model of this training") {
      _ = try keepModel(.lowRank(4), in: folder.url, of: table)
    }
    try FileManager.default.removeItem(atPath: kept)
    #expect(try keepModel(.lowRank(4), in: folder.url, of: table) == [1, 2])
    #expect(try Data(contentsOf: URL(filePath: "\(kept)/model.safetensors")) == weights)
  }

  /// A head that sees what the training leaves as it is would score the frozen model.
  @Test(
    arguments: [
      (
        .last(1), [.weighted, .layer(2), .layer(1)],
        "--layers 1: stays as it is with the last layer"
      ),
      (.lowRank(4), [.layer(0)], "--layers 0: stays as it is with LoRA of rank 4"),
      (.last(3), [.layer(2)], "the last 3 layers fine-tuned trains nothing of this model"),
      (.last(1), [.weighted, .layer(2)], "none of the tasks GTZAN can be scored"),
      (.whole, [.layer(0)], "none of the tasks GTZAN can be scored"),
      (.lowRank(4), [.layer(1)], "none of the tasks GTZAN can be scored"),
    ] as [(FineTuning.Part, [LayerChoice], String)])
  func whatTheHeadSeesIsTrained(
    part: FineTuning.Part, layers: [LayerChoice], words: String
  ) throws {
    let nowhere = URL(filePath: "/nowhere")
    let marble = Marble(
      [MarbleTask(named: "GTZAN")!], of: [try MarbleSupport.tiny()], root: nowhere,
      setting: MarbleSetting(fineTuning: FineTuning(part)), grid: ProbeGrid(layers: layers),
      store: EmbeddingStore(nowhere))
    expectError(words) { _ = try marble.run() }
  }

  @Test func handMadeFeaturesHaveNothingToTrain() throws {
    let marble = Marble(
      [MarbleTask(named: "GTZAN")!], of: [try #require(Embedder(handMade: "mfcc"))],
      root: URL(filePath: "/nowhere"), setting: MarbleSetting(fineTuning: FineTuning(.whole)),
      store: EmbeddingStore(URL(filePath: "/nowhere")))
    let error = #expect(throws: MarbleError.self) { try marble.run() }
    #expect(error?.description.contains("mfcc is hand-made") == true)
  }
}

extension [String: Tensor] {
  fileprivate func named(_ name: String) throws -> Tensor { try #require(self[name], "\(name)") }
}
