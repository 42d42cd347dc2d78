import Tensor
import TestSupport
import Testing

@Suite struct CheckpointedTests {
  /// `x` is used twice, `w` once, `b` not at all.
  private static func part(_ inputs: [Tensor]) -> Tensor {
    let (x, w) = (inputs[0], inputs[1])
    return x.linear(weight: w).gelu() + x.squared()
  }

  @Test func valuesAndGradientsAreTheSameBits() {
    let inputs = [
      Tensor.normal([3, 5], seed: 1), .normal([5, 5], seed: 2), .normal([4], seed: 3),
    ]
    .map { $0.tracked() }
    let plain = Self.part(inputs)
    let again = Tensor.checkpointed(inputs, computing: Self.part, again: Self.part)
    #expect(plain.scalars == again.scalars)
    let direction = Tensor.normal([3, 5], seed: 4)
    let (a, b) = (plain.gradients(along: direction), again.gradients(along: direction))
    for input in inputs.prefix(2) { #expect(a[input]!.scalars == b[input]!.scalars) }
    #expect(b[inputs[2]]!.scalars == [0, 0, 0, 0])
  }

  @Test func onlyWhatIsTrackedIsComputedAgainFor() {
    let x = Tensor.normal([2, 4], seed: 1)
    let w = Tensor.normal([4, 4], seed: 2)
    let y = Tensor.checkpointed([x, w], computing: Self.part) { _ in
      Issue.record("nothing is tracked")
      return x
    }
    #expect(!y.isTracked && y.scalars == Self.part([x, w]).scalars)
    let leaf = w.tracked()
    let gradients = Tensor.checkpointed([x, leaf], computing: Self.part) { inputs in
      #expect(!inputs[0].isTracked && inputs[1].isTracked)
      return Self.part(inputs)
    }.gradients(along: .ones([2, 4]))
    #expect(gradients[leaf] != nil && gradients[x] == nil)
  }

  /// The gradient along a direction is that of the scalar product.
  @Test func gradientsAlongADirection() {
    let x = Tensor.normal([2, 3], seed: 1).tracked()
    let direction = Tensor.normal([2, 3], seed: 2)
    let along = x.gelu().gradients(along: direction)[x]!
    expectClose(along, (x.gelu() * direction).sum().gradients()[x]!, relative: 1e-6)
  }

  @Test func whatLiesBetweenIsNotKept() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.normal([1000, 10], seed: 1).tracked()
      func deep(_ x: Tensor) -> Tensor { (0..<20).reduce(x) { y, _ in y.gelu() } }
      let before = MemoryStatistics.current.inUse
      let y = Tensor.checkpointed([x], computing: { deep($0[0]) }, again: { deep($0[0]) })
      #expect(MemoryStatistics.current.inUse - before <= 2 * 40_960)
      withExtendedLifetime(y) {}
    }
  }
}
