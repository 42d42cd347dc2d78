import Foundation
import Models
import Optimisation
import Tensor

/// A classifier on the mean of an encoder's last layer.
struct Tagger: Module {
  var encoder: AudioEncoder
  var head: Linear

  func callAsFunction(_ waveforms: Tensor, in pass: ForwardPass) -> Tensor {
    head(encoder(waveforms, in: pass).mean(axis: 1))
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("encoder", &encoder)
    visitor.child("head", &head)
  }
}

let encoder = try AudioEncoder.load(hubert())  // a Hugging Face folder
var random = RandomStream(seed: 1, purpose: .own(0))
let head = Linear.uniform(from: encoder.config.width, to: 2, using: &random)
var model = Tagger(encoder: encoder, head: head)
model.trackGradients()
for layer in 0..<3 { model.encoder.transformer.layers[layer].freeze() }

var optimiser = AdamW(AdamW.Config(), for: model)
for step in 0..<20 {
  let pass = ForwardPass.training(seed: 1, step: step, rows: 4)
  let loss = model(tones, in: pass).crossEntropy(targets: [0, 0, 1, 1]).mean()
  optimiser.update(&model, along: loss.gradients(), rate: 1e-3)
  print("step \(step): loss \(loss.scalar)")
}
