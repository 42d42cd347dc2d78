import Foundation
import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Heads that learn keys and pitches from transpositions, on crops of tones.
@Suite struct EquivariantHeadTests {
  private static let frames = 12

  /// Crops of spectra in which the seven tones of a major key sound, some louder than others, a semitone a bin.
  ///
  /// - Parameter tonics: Whether the tonic is louder, that of the major key in one crop and that of its relative minor in
  ///   the next.
  private static func keys(
    step: Int, crops: Int = 8, octaves: Int, tonics: Bool = false
  ) -> Batch {
    var stream = RandomStream(seed: 9, purpose: .own(1), step: step)
    let bins = 12 * (octaves + 1)
    var values: [Float] = []
    for crop in 0..<crops {
      let tonic = Int.random(in: 0..<12, using: &stream)
      let scale = [0, 2, 4, 5, 7, 9, 11].map { ($0 + tonic) % 12 }
      let loud: Int? = tonics ? (tonic + (crop % 2 == 0 ? 0 : 9)) % 12 : nil
      for _ in 0..<frames {
        let sounding = (0..<3).map { _ in scale[Int.random(in: 0..<7, using: &stream)] }
        for bin in 0..<bins {
          let isTone = sounding.contains(bin % 12)
          let level: Float = bin % 12 == loud ? 2 : isTone ? 1 : 0
          values.append(level + 0.2 * Float.random(in: 0..<1, using: &stream))
        }
      }
    }
    return Batch(
      audio: .zeros([crops, 1]), samples: Array(step * crops..<(step + 1) * crops),
      targets: ["keySignature": Tensor(values, shape: [crops, frames, bins])])
  }

  private static func chroma(of batch: Batch) -> Tensor {
    let target = batch.targets["keySignature"]!
    let rows = target.shape[0] * target.shape[1]
    return target.reshaped([rows, target.shape[2] / 12, 12]).mean(axis: 1)
  }

  private var keyConfig: KeySignaturePrediction.Config {
    var config = KeySignaturePrediction.Config()
    config.octaves = 3
    (config.net.channels, config.net.kernel) = (4, 5)
    return config
  }

  @Test func keysAreLearned() throws {
    let mean = try trained(keyConfig, tonics: false)
    // A flat distribution costs 3, and its prediction ln 12.
    #expect(mean("turning") < 1.2, "\(mean("turning"))")
    #expect(mean("certainty") > 0.7, "\(mean("certainty"))")
    #expect(mean("prediction") < 2, "\(mean("prediction"))")
    #expect(mean("agreement") > 0.5, "\(mean("agreement"))")
  }

  /// With modes, both of them are used, and told apart better than by chance.
  @Test func modesAreLearned() throws {
    var config = keyConfig
    config.mode = KeyMode()
    let mean = try trained(config, tonics: true)
    #expect(mean("turning") < 1.5, "\(mean("turning"))")
    #expect(mean("mode") < 1.5, "\(mean("mode"))")  // 3 ln 2 = 2.1 of modes that say nothing
    #expect((0.35...0.65).contains(mean("firstMode")), "\(mean("firstMode"))")
    #expect(mean("agreement") > 0.4, "\(mean("agreement"))")
  }

  /// The mean terms of the last 20 of 150 steps.
  private func trained(
    _ config: KeySignaturePrediction.Config, tonics: Bool
  ) throws -> (String) -> Float {
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    var head = KeySignaturePrediction(config, hidden: 12, using: &generator)
    head.trackGradients()
    var optimizer = AdamW(AdamW.Config(), for: head)
    var terms: [[String: Float]] = []
    for step in 0..<150 {
      let batch = Self.keys(step: step, octaves: 3, tonics: tonics)
      let pass = ForwardPass.training(seed: 1, step: step, samples: batch.samples)
      let targets = FrameTargets(batch, at: Array(0..<8 * Self.frames), of: Self.frames, in: pass)
      let loss = head.loss(at: Self.chroma(of: batch), of: targets)
      optimizer.update(&head, along: loss.total.gradients(), rate: 0.01)
      terms.append(loss.terms)
    }
    return { [terms] name in
      terms.suffix(20).reduce(0) { $0 + $1["keySignature." + name]! } / 20
    }
  }

  /// Frames with one tone of three harmonics, three bins a semitone.
  private static func tones(step: Int, crops: Int = 4, bins: Int) -> Batch {
    var stream = RandomStream(seed: 8, purpose: .own(2), step: step)
    var values: [Float] = []
    for _ in 0..<crops * frames {
      let tone = Int.random(in: 8..<bins - 48, using: &stream)
      values += (0..<bins).map { bin in
        let harmonics = [0: Float(1), 36: 0.6]
        let level = harmonics[bin - tone] ?? 0
        return level + 0.1 * Float.random(in: 0..<1, using: &stream)
      }
    }
    return Batch(
      audio: .zeros([crops, 1]), samples: Array(step * crops..<(step + 1) * crops),
      targets: ["relativePitch": Tensor(values, shape: [crops, frames, bins])])
  }

  @Test func pitchesAreLearned() throws {
    var config = RelativePitchPrediction.Config()
    (config.semitones, config.pitches, config.mostBins) = (30, 40, 8)
    (config.net.channels, config.net.kernel, config.frameStride) = (4, 5, 1)
    let bins = 30 * 3 + 16
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    var head = RelativePitchPrediction(config, hidden: bins, using: &generator)
    head.trackGradients()
    var optimizer = AdamW(AdamW.Config(), for: head)
    var terms: [[String: Float]] = []
    for step in 0..<200 {
      let batch = Self.tones(step: step, bins: bins)
      let pass = ForwardPass.training(seed: 1, step: step, samples: batch.samples)
      let rows = 4 * Self.frames
      let outputs = batch.targets["relativePitch"]!.reshaped([rows, bins])
      let loss = head.loss(
        at: outputs, of: FrameTargets(batch, at: Array(0..<rows), of: Self.frames, in: pass))
      optimizer.update(&head, along: loss.total.gradients(), rate: 0.01)
      terms.append(loss.terms)
    }
    func mean(_ name: String, _ part: ArraySlice<[String: Float]>) -> Float {
      part.reduce(0) { $0 + $1["relativePitch." + name]! } / Float(part.count)
    }
    let (early, late) = (terms[..<10], terms[180...])
    // A flat distribution over 120 classes costs ln 120 = 4.8.
    #expect(mean("shift", late) < 3, "\(mean("shift", late))")
    #expect(mean("ratio", late) < 0.5 * mean("ratio", early), "\(mean("ratio", late))")
    #expect(mean("prediction", late) < 3.5, "\(mean("prediction", late))")
  }

  /// The same draws for the same seed, step and sample, whatever else is in the batch.
  @Test func aStepIsAFunctionOfItsNumber() throws {
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    let head = KeySignaturePrediction(keyConfig, hidden: 12, using: &generator)
    func loss(step: Int) -> Float {
      let batch = Self.keys(step: 0, octaves: 3)
      let pass = ForwardPass.training(seed: 1, step: step, samples: batch.samples)
      return head.loss(
        at: Self.chroma(of: batch), of: FrameTargets(batch, at: Array(0..<8 * 12), of: 12, in: pass)
      ).total.scalar
    }
    #expect(loss(step: 3) == loss(step: 3))
    #expect(loss(step: 3) != loss(step: 4))
  }

  /// The prediction of a crop is that of its frames' mean; crops without such frames have none.
  @Test func cropsWithoutPredictedFramesCountNothing() throws {
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    let head = KeySignaturePrediction(keyConfig, hidden: 12, using: &generator)
    let batch = Self.keys(step: 0, octaves: 3)
    let chroma = Self.chroma(of: batch)
    func prediction(_ frames: [Int], _ outputs: Tensor) -> Float {
      head.loss(at: outputs, of: FrameTargets(batch, at: frames, of: 12)).terms[
        "keySignature.prediction"]!
    }
    let frames = [13, 17]  // both of the second crop
    let rows = chroma.gatheringRows(frames)
    let swapped = chroma.gatheringRows([17, 13])
    #expect(abs(prediction(frames, rows) - prediction(frames, swapped)) < 1e-6)
    #expect(prediction(frames, rows) != prediction([1, 5], rows))
  }

  /// A run with both heads on waveforms, resumed with the same bits.
  @Test func runsResume() throws {
    let studio = try TinyStudio()
    let recipe = Recipe.tinyEquivariant
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "pieces", until: 3)
    try studio.train(recipe, in: "pieces", .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "pieces"))
    for name in a.keys where name.hasSuffix(".safetensors") {
      #expect(a[name] == b[name], "\(name)")
    }
    let terms = try #require(try studio.log(of: "whole").last?.terms)
    #expect(terms["keySignature.turning"] != nil && terms["relativePitch.shift"] != nil)
    try expectPlanCountsParameters(of: recipe)
  }

  @Test func spectraAboveTheSampleRateAreRefused() throws {
    var recipe = Recipe.tinyEquivariant
    recipe.objective.keySignature!.octaves = 7
    #expect { try recipe.check() } throws: { "\($0)".contains("objective.keySignature.octaves") }
  }
}
