import Evaluate
import Models
import Tensor
import TestSupport
import Testing

/// The network of source separation, against PyTorch.
@Suite struct MaskNetworkTests {
  private let values: [String: Tensor]
  private let layers: [Tensor]

  init() throws {
    values = try golden("mask_network")
    let states = try #require(values["states"])
    layers = (0..<2).map { states.sliced(axis: 0, $0..<$0 + 1).reshaped([2, 7, 5]) }
  }

  private func network() throws -> MaskNetwork {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var network = MaskNetwork(
      width: 5, layers: 2, bins: 9, units: 6, dropout: 0, using: &generator)
    try network.load(values.under("weights"))
    return network
  }

  @Test func anEvaluatingPass() throws {
    let y = try network()(layers, of: #require(values["mixture"]), in: .evaluating())
    expectClose(y, try #require(values["evaluated"]), relative: 1e-5)
  }

  @Test func aTrainingPassAndItsGradients() throws {
    var network = try network()
    network.trackGradients()
    let pass = ForwardPass.training(
      seed: 0, step: 0, samples: [0, 1], keeping: .batchStatistics)
    let y = network(layers, of: try #require(values["mixture"]), in: pass)
    expectClose(y.detached(), try #require(values["trained"]), relative: 1e-5)
    let loss = (y - (try #require(values["target"]))).squared().mean()
    #expect(abs(loss.scalar - (try #require(values["loss"])).read { $0[0] }) < 1e-6)
    let (gradients, known) = (loss.gradients(), values.under("gradients"))
    #expect(known.count == network.parameters.count)
    // The norm after it takes a shift away again.
    #expect(try #require(gradients[network.inputShift]).read { $0.allSatisfy { abs($0) < 1e-6 } })
    for (name, parameter) in network.parameters where name != "inputShift" {
      expectClose(
        try #require(gradients[parameter]), try #require(known[name]), relative: 1e-4)
    }
    network.updateStatistics(from: pass.batchStatistics)
    let state = Dictionary(uniqueKeysWithValues: network.state.map { ($0.0, $0.1) })
    for (name, tensor) in values.under("after") {
      expectClose(try #require(state[name]), tensor, relative: 1e-5)
    }
  }
}
