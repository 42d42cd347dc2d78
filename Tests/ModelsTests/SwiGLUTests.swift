import Foundation
import Models
import Tensor
import TestSupport
import Testing

@Suite struct SwiGLUTests {
  /// PyTorch's value and gradients in double precision.
  @Test func isPyTorchs() throws {
    let file = try golden("feed_forward").under("swiglu")
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var block = SwiGLUFeedForward(width: 6, inner: 10, using: &generator)
    let paths = block.parameters.map(\.path)
    try block.load(file.filter { paths.contains($0.key) })
    block.trackGradients()
    let x = try #require(file["x"]).tracked()
    let y = block(x, in: .evaluating())
    expectClose(y, try #require(file["y"]), relative: 1e-6)
    let gradients = try (y * #require(file["dy"])).sum().gradients()
    for (name, leaf) in [(path: "x", tensor: x)] + block.parameters {
      expectClose(
        try #require(gradients[leaf]), try #require(file["gradient.\(name)"]), relative: 1e-5)
    }
  }

  /// It drops inner channels, after the gate.
  @Test func dropsInnerChannels() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let block = SwiGLUFeedForward(width: 6, inner: 10, dropout: 0.5, using: &generator)
    let x = Tensor.normal([2, 3, 6], seed: 2)
    let pass = ForwardPass.training(seed: 3, step: 4, samples: [5, 6])
    let mask = DropoutMask(probability: 0.5, seed: 3, step: 4, site: 0, samples: [5, 6])
    let dropped = (block.gate(x).silu() * block.inner(x)).dropout(mask)
    #expect(block(x, in: pass).scalars == block.output(dropped).scalars)
  }

  @Test(arguments: AudioEncoder.NormOrder.allCases)
  func aFolderKeepsIt(order: AudioEncoder.NormOrder) throws {
    var config = AudioEncoder.Config.tiny
    (config.feedForward, config.normOrder) = (.swiGLU, order)
    let encoder = try AudioEncoder.random(config)
    #expect(encoder.state.map(\.path).sorted() == storedTensors(in: encoder).sorted())
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      let read = try AudioEncoder.load(folder)
      #expect(read.config == config)
      for ((path, a), (_, b)) in zip(encoder.parameters, read.parameters) {
        #expect(a.scalars == b.scalars, "\(path)")
      }
    }
  }
}
