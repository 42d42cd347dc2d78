import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// A codec and its discriminators, in one sum of losses.
@Suite struct CodecAdversaryTests {
  private let audio = Tensor.normal([2, 800], seed: 3) * 0.1

  private func loss(
    _ recipe: CodecRecipe = .tinyAdversarial, step: Int = 0
  ) throws -> (learner: CodecTraining, loss: Loss) {
    let learner = try recipe.model()
    let batch = Batch(audio: audio, samples: [0, 1])
    return (learner, learner.loss(of: batch, in: .training(seed: 0, step: step, rows: 2)))
  }

  private func isAdversary(_ path: String) -> Bool { path.hasPrefix("adversary.") }

  /// About every second step trains the discriminators. In the others they have no gradient, so that the optimiser
  /// passes over them, but judge all the same.
  @Test func someStepsTrainTheDiscriminators() throws {
    var trained = 0
    for step in 0..<16 {
      let (learner, loss) = try loss(step: step)
      let isTrained = loss.terms["discriminators"] != nil
      trained += isTrained ? 1 : 0
      #expect(loss.terms["adversarial"] != nil && loss.terms["features"] != nil)
      let gradients = loss.total.gradients()
      for (path, parameter) in learner.parameters {
        #expect((gradients[parameter] != nil) == (isTrained || !isAdversary(path)), "\(path)")
      }
    }
    #expect((4...12).contains(trained))
  }

  /// The losses of the codec do not train the discriminators: with other weights their gradient stays the same.
  @Test func theCodecsLossesLeaveTheDiscriminatorsAlone() throws {
    var recipe = CodecRecipe.tinyAdversarial
    recipe.losses.adversary!.probability = 1
    let (learner, first) = try loss(recipe)
    (recipe.losses.adversary!.estimates, recipe.losses.adversary!.features) = (30, 50)
    let (other, second) = try loss(recipe)
    let gradients = (first.total.gradients(), second.total.gradients())
    for (a, b) in zip(learner.parameters, other.parameters) where isAdversary(a.path) {
      #expect(gradients.0[a.tensor]?.scalars == gradients.1[b.tensor]?.scalars, "\(a.path)")
    }
  }

  /// The discriminators' loss does not train the codec: its gradient is the same in a step that leaves it out.
  @Test func theDiscriminatorsLossLeavesTheCodecAlone() throws {
    var recipe = CodecRecipe.tinyAdversarial
    recipe.losses.adversary!.probability = 1
    let (learner, with) = try loss(recipe)
    recipe.losses.adversary!.probability = 0
    let (other, without) = try loss(recipe)
    let gradients = (with.total.gradients(), without.total.gradients())
    for (a, b) in zip(learner.parameters, other.parameters) where !isAdversary(a.path) {
      #expect(gradients.0[a.tensor]?.scalars == gradients.1[b.tensor]?.scalars, "\(a.path)")
    }
  }

  @Test func windowsFitACrop() {
    var recipe = CodecRecipe.tinyAdversarial
    recipe.losses.adversary!.discriminators.windows = [1024]
    #expect(
      complaint { try recipe.check() }.hasPrefix(
        "recipe tiny-adversarial: losses.adversary.discriminators.windows: 1024 samples are more than a crop"
      ))
  }
}
