import Models
import Optimisation
import Tensor

/// Two layers behind a centring by the data's mean, which is saved with the model but not trained.
struct Classifier: Module {
  var mean: Tensor
  var hidden: Linear
  var output: Linear

  func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x - mean).tanh()) }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.buffer("mean", &mean)
    visitor.child("hidden", &hidden)
    visitor.child("output", &output)
  }
}

var random = RandomStream(seed: 1, purpose: .own(0))
let x = Tensor.normal([256, 2], using: &random) + 3
let inside = ((x - 3).squared().sum(axis: 1) .< 1.4).scalars.map { Int32($0) }  // a disc

var model = Classifier(
  mean: x.mean(axis: 0), hidden: .uniform(from: 2, to: 32, using: &random),
  output: .uniform(from: 32, to: 2, using: &random))
var optimiser = AdamW(AdamW.Config(), for: model)
let schedule = Schedule(Schedule.Config(peakRate: 0.03, warmupSteps: 20), steps: 200)

model.trackGradients()
for step in 0..<200 {
  let loss = model(x).crossEntropy(targets: inside).mean()
  optimiser.update(&model, along: loss.gradients(), rate: schedule.rate(at: step))
}
let right = zip(model(x).argmax(axis: 1).integers, inside).count { $0 == $1 }
print("\(right) of 256 right")
