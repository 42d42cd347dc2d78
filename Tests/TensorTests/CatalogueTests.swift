import Tensor
import TestSupport
import Testing

/// What the catalogue shows, run as it stands there.
@Suite struct CatalogueTests {
  @Test func theExampleRuns() {
    let x = Tensor([0, 1, 2, 3], shape: [4, 1])
    let y = Tensor([1, 3, 5, 7], shape: [4, 1])
    var weight = Tensor([0], shape: [1, 1]).tracked()

    for _ in 0..<100 {
      let loss = (x.linear(weight: weight) + 1 - y).squared().mean()
      let gradient = loss.gradients()[weight]!
      weight = (weight.detached() - 0.1 * gradient).tracked()
    }
    print(weight)  // 2
    #expect(abs(weight.scalars[0] - 2) < 1e-5)
  }

  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Tensor/Tensor.docc/Tensor.md", blocks: 1)
  }
}
