import Models
import Optimisation
import Tensor

/// What a probe is trained on.
protocol ProbeTrainingSet: Sendable {
  /// How many items there are.
  var count: Int { get }
  /// The vectors of some items.
  /// - Parameters:
  ///   - items: Their numbers.
  ///   - layers: The layers whose vectors are wanted.
  ///   - epoch: From 1; what is random is another one in each epoch.
  func batch(of items: ArraySlice<Int>, layers: [Int], epoch: Int) throws -> ProbeBatch
}

/// What a probe sees of a batch.
struct ProbeBatch {
  /// `[B, D]` of each layer.
  let vectors: [Tensor]
  /// The loss of outputs `[B, outputs]`.
  let loss: (_ outputs: Tensor) -> Tensor
}

/// Trains one probe.
struct PerceptronTraining {
  let config: Perceptron.Config
  /// The layers that it sees; several are weighed, or joined.
  let layers: [Int]
  let joins: Bool
  /// The learning rate at the start.
  let rate: Float
  let train: any ProbeTrainingSet
  /// The score of a probe on the validation part.
  let score: (Perceptron) throws -> Double

  /// - Parameters:
  ///   - width: The length of a vector.
  ///   - outputs: Classes or numbers.
  func run(width: Int, outputs: Int) throws -> BestEpoch<Perceptron> {
    var generator = RandomStream(seed: UInt64(config.seed), purpose: .initialisation)
    var probe = Perceptron(
      width: width, layers: layers.count, joins: joins, outputs: outputs, config, using: &generator)
    probe.trackGradients()
    var adam = AdamW(.adam, for: probe)
    return try BestEpoch(config.schedule, rate: rate) { epoch, rate in
      try update(&probe, by: &adam, rate: rate, epoch: epoch)
      let trained = probe.detached()
      return (trained, try score(trained))
    }
  }

  /// One pass over the items in a random order.
  private func update(
    _ probe: inout Perceptron, by adam: inout AdamW, rate: Float, epoch: Int
  ) throws {
    var generator = RandomStream(seed: UInt64(config.seed), purpose: .probe, step: epoch)
    let order = (0..<train.count).shuffled(using: &generator)
    for start in stride(from: 0, to: order.count, by: config.batchSize) {
      let items = order[start..<min(start + config.batchSize, order.count)]
      let batch = try train.batch(of: items, layers: layers, epoch: epoch)
      let pass = ForwardPass.training(
        seed: UInt64(config.seed), step: adam.step, rows: batch.vectors[0].shape[0])
      let loss = batch.loss(probe(batch.vectors, in: pass))
      adam.update(&probe, along: loss.gradients(), rate: rate)
    }
  }
}

extension AdamW.Config {
  /// Adam as PyTorch has it by default.
  package static let adam: AdamW.Config = {
    var config = AdamW.Config()
    (config.beta2, config.epsilon, config.weightDecay, config.clipNorm) = (0.999, 1e-8, 0, 0)
    return config
  }()
}
