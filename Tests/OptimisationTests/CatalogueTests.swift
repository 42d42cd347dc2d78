import Models
import Optimisation
import Tensor
import TestSupport
import Testing

/// What the catalogue shows, run as it stands there: a linear classifier of points on a line.
@Suite struct CatalogueTests {
  @Test func theExampleLearns() {
    let x = Tensor([-2, -1, 1, 2], shape: [4, 1])
    let classes: [Int32] = [0, 0, 1, 1]
    var stream = RandomStream(seed: 1, purpose: .initialisation)
    var model = Linear.uniform(from: 1, to: 2, using: &stream)
    let before = model(x).crossEntropy(targets: classes).mean().scalar
    let steps = 50
    let rates = Schedule.Config(peakRate: 0.1, warmupSteps: 5)

    var optimiser = AdamW(AdamW.Config(), for: model)
    let schedule = Schedule(rates, steps: steps)

    model.trackGradients()
    for step in 0..<steps {
      let loss = model(x).crossEntropy(targets: classes).mean()
      optimiser.update(&model, along: loss.gradients(), rate: schedule.rate(at: step))
    }
    #expect(model(x).crossEntropy(targets: classes).mean().scalar < 0.2 * before)
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Optimisation/Optimisation.docc/Optimisation.md", blocks: 1)
  }
}
