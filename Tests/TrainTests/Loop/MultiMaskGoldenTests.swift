import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Several masks of a crop against PyTorch, see Golden/multimask.py.
@Suite struct MultiMaskGoldenTests {
  private let file: [String: Tensor]
  private let ema: EMATeacher.Config

  init() throws {
    file = try golden("multimask")
    var ema = EMATeacher.Config()
    (ema.decay.start, ema.decay.end, ema.decay.steps) = (0.9, 0.99, 6)
    (ema.targets.topLayers, ema.averagesPositions) = (2, true)
    self.ema = ema
  }

  /// The model as the reference began.
  private func model() throws -> PretrainingModel {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var objective = Objective()
    objective.regression = TeacherRegression.Config()
    var decoder = MaskDecoder.Config()
    (decoder.width, decoder.layers, decoder.kernel, decoder.groups) = (8, 3, 3, 2)
    objective.regression!.decoder = decoder
    var model = PretrainingModel(
      encoder: try AudioEncoder(ObjectiveGolden.data2vec.encoder, using: &generator),
      objective: objective, codebooks: [], using: &generator)
    try model.load(file.under("initial"))
    model.trackGradients()
    return model
  }

  /// The loss of one of the two batches.
  private func loss(
    of model: PretrainingModel, batch number: Int, teacher: EMATeacher
  ) throws -> Loss {
    func part(_ name: String) throws -> Tensor {
      let all = try #require(file[name])
      return all.sliced(axis: 0, number..<number + 1).reshaped(all.shape.removing(axis: 0))
    }
    let mask = try #require(file["mask"])
    let (rows, frames) = (mask.shape[1], mask.shape[2])
    let indices = (0..<rows).map { row in
      (0..<frames).filter { mask.integers[(number * rows + row) * frames + $0] != 0 }
    }
    let masked = MaskedFrames(frames: frames, indices: indices)
    let filling = try part("filling")
    let views = MaskedViews(
      masked, each: 3, filling: filling.reshaped([masked.count, filling.shape[2]]))
    let batch = Batch(audio: try part("audio"), samples: [0, 1])
    return try model.loss(batch, of: views, teacher: teacher, in: .evaluating())
  }

  @Test func termsAndEveryGradient() throws {
    let model = try model()
    let teacher = try EMATeacher(ema, student: model.encoder)
    let loss = try loss(of: model, batch: 0, teacher: teacher)
    expectClose(loss.total, try #require(file["term.total"]), relative: 1e-5)
    for (name, expected) in file.under("term") where name != "total" {
      let found = try #require(loss.terms[name])
      #expect(abs(found - expected.scalar) <= 1e-5 * abs(expected.scalar), "\(name)")
    }

    let gradients = loss.total.gradients()
    let expected = file.under("gradient")
    for (path, parameter) in model.parameters {
      guard path != "encoder.maskEmbedding" else {
        #expect(gradients[parameter] == nil, "nothing is replaced by it")
        continue
      }
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      if path.hasSuffix("key.bias") {
        // A constant added to every key leaves the softmax as it is: 0 but for rounding.
        #expect(gradient.scalars.allSatisfy { abs($0) < 1e-5 }, "\(path)")
      } else {
        expectClose(gradient, try #require(expected[path], "\(path)"), relative: 1e-4)
      }
    }
  }

  @Test func tenSteps() throws {
    var model = try model()
    var teacher = try EMATeacher(ema, student: model.encoder)
    var config = AdamW.Config()
    config.clipNorm = 0.8
    var optimizer = AdamW(config, for: model)
    var rates = Schedule.Config()
    (rates.peakRate, rates.warmupSteps) = (5e-3, 4)
    let schedule = Schedule(rates, steps: 12)
    for step in 0..<10 {
      let loss = try loss(of: model, batch: step % 2, teacher: teacher)
      let norm = optimizer.update(
        &model, along: loss.total.gradients(), rate: schedule.rate(at: step)
      ).total
      teacher.follow(model.encoder, step: step + 1)
      let (losses, norms) = (try #require(file["losses"]), try #require(file["norms"]))
      for (found, expected) in [
        (loss.total.scalar, losses.scalars[step]), (norm, norms.scalars[step]),
      ] {
        #expect(abs(found - expected) <= 1e-4 * abs(expected), "step \(step)")
      }
    }
  }
}
