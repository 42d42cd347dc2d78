import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Losses, gradients and training steps against PyTorch, see Golden/objectives.py.
@Suite struct ObjectiveGoldenTests {
  @Test(arguments: ObjectiveGolden.all)
  func termsAndEveryGradient(of golden: ObjectiveGolden) throws {
    let file = try golden.tensors()
    let model = try golden.model(file)
    let teacher = try golden.ema.map { try EMATeacher($0, student: model.encoder) }
    let loss = try golden.loss(of: model, batch: 0, teacher: teacher, file)

    expectClose(loss.total, try #require(file["term.total"]), relative: 1e-5)
    let terms = file.under("term").filter { $0.key != "total" }
    #expect(Set(loss.terms.keys) == Set(terms.keys))
    for (name, expected) in terms {
      let found = try #require(loss.terms[name])
      #expect(abs(found - expected.scalar) <= 1e-5 * max(1, abs(expected.scalar)), "\(name)")
    }

    let gradients = loss.total.gradients()
    let expected = file.under("gradient")
    #expect(Set(model.parameters.map(\.path)) == Set(expected.keys))
    for (path, parameter) in model.parameters {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      if path.hasSuffix("key.bias") {
        // A constant added to every key leaves the softmax as it is: 0 but for rounding.
        #expect(gradient.scalars.allSatisfy { abs($0) < 1e-5 }, "\(path)")
      } else {
        expectClose(gradient, try #require(expected[path]), relative: 1e-4)
      }
    }
  }

  @Test(arguments: ObjectiveGolden.all)
  func tenSteps(of golden: ObjectiveGolden) throws {
    let file = try golden.tensors()
    var model = try golden.model(file)
    var teacher = try golden.ema.map { try EMATeacher($0, student: model.encoder) }
    var config = AdamW.Config()
    config.clipNorm = 0.8
    var optimizer = AdamW(config, for: model)
    var rates = Schedule.Config()
    (rates.peakRate, rates.warmupSteps) = (5e-3, 4)
    let schedule = Schedule(rates, steps: 12)

    var (losses, norms): ([Float], [Float]) = ([], [])
    for step in 0..<10 {
      let loss = try golden.loss(of: model, batch: step % 2, teacher: teacher, file)
      losses.append(loss.total.scalar)
      norms.append(
        optimizer.update(
          &model, along: loss.total.gradients(), rate: schedule.rate(at: step)
        ).total)
      teacher?.follow(model.encoder, step: step + 1)
    }
    expect(losses, near: try #require(file["losses"]), of: "loss")
    expect(norms, near: try #require(file["norms"]), of: "gradient norm")
  }

  private func expect(_ found: [Float], near expected: Tensor, of what: String) {
    for (step, (a, b)) in zip(found, expected.scalars).enumerated() {
      #expect(abs(a - b) <= 1e-4 * abs(b), "\(what) at step \(step): \(a) for \(b)")
    }
  }
}
