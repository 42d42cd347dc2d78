import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Training of a codec against PyTorch, see Golden/codec_training.py.
@Suite struct CodecGoldenTests {
  private let file: [String: Tensor]

  init() throws { file = try golden("codec_training") }

  private var recipe: CodecRecipe {
    var recipe = CodecRecipe.tinyCodec
    (recipe.codebooks.decay, recipe.codebooks.leastUse) = (0.9, 0)
    (recipe.codebooks.commitment, recipe.codebooks.dropout) = (0.5, 0)
    recipe.losses.balancer!.decay = 0.9
    (recipe.schedule.warmupSteps, recipe.training.accumulation) = (0, 1)
    recipe.training.steps = 10
    return recipe
  }

  private func learner(_ recipe: CodecRecipe) throws -> CodecTraining {
    var learner = try recipe.model()
    var state = file.under("start")
    for (path, tensor) in learner.buffers where path.hasPrefix("balancer") { state[path] = tensor }
    try learner.load(state)
    learner.trackGradients()
    return learner
  }

  private func batch(_ number: Int) throws -> Batch {
    let audio = try #require(file["audio"]).sliced(axis: 0, number..<number + 1).removingAxis(0)
    return Batch(audio: audio, samples: Array(3 * number..<3 * number + 3))
  }

  @Test(arguments: ["summed", "balanced"])
  func termsAndEveryGradient(of form: String) throws {
    var recipe = recipe
    if form == "summed" { recipe.losses.balancer = nil }
    let learner = try learner(recipe)
    let pass = ForwardPass.training(seed: 0, step: 0, rows: 3)
    let loss = try learner.loss(of: batch(0), in: pass)
    for (name, expected) in file.under("\(form).term") {
      let found = try #require(loss.terms[name])
      #expect(abs(found - expected.scalar) <= 1e-5 * expected.scalar, "\(name)")
    }
    let gradients = loss.total.gradients()
    let expected = file.under("\(form).gradient")
    #expect(Set(learner.parameters.map(\.path)) == Set(expected.keys))
    for (path, parameter) in learner.parameters {
      expectClose(
        try #require(gradients[parameter], "no gradient of \(path)"),
        try #require(expected[path]), relative: 1e-4)
    }
  }

  @Test func tenSteps() throws {
    var learner = try learner(recipe)
    var optimizer = AdamW(recipe.optimizer, for: learner)
    for step in 0..<10 {
      let loss = try learner.loss(
        of: batch(step), in: .training(seed: 0, step: step, rows: 3))
      let expected = try #require(file["losses"]).scalars[step]
      #expect(
        abs(loss.total.scalar - expected) <= 1e-4 * expected,
        "step \(step): \(loss.total.scalar) for \(expected)")
      optimizer.update(&learner, along: loss.total.gradients(), rate: recipe.schedule.peakRate)
      learner.follow(step: step + 1, observing: [loss.observations])
    }
    for (path, tensor) in learner.state {
      expectClose(tensor, try #require(file["end." + path]), relative: 1e-4)
    }
  }
}
