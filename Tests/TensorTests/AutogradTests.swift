import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct AutogradTests {
  /// Freed without a backward pass: the nodes' own links must not recurse.
  @Test(arguments: [true, false])
  func longChainsSpareTheStack(backward: Bool) {
    let x = Tensor([1, 2]).tracked()
    let one = Tensor([1, 1])
    var y = x
    for i in 0..<200_000 {
      switch i % 4 {
      case 0: y = y + one
      case 1: y = y - one
      case 2: y = y * one
      default: y = y / one
      }
    }
    if backward { #expect(y.sum().gradients()[x]?.scalars == [1, 1]) }
    #expect(y.scalars == [1, 2])
  }

  @Test func longDiamondChainsSpareTheStack() {
    let x = Tensor([1]).tracked()
    var y = x
    for _ in 0..<50_000 { y = (y + y) * 0.5 }
    #expect(y.scalars == [1])
  }

  @Test func sharedValuesCollectTheirGradients() {
    let x = Tensor([3]).tracked()
    let square = x * x
    let y = square + square * x
    #expect(y.sum().gradients()[x]?.scalars == [2 * 3 + 3 * 3 * 3])
  }

  @Test func aDeepDiamondIsWalkedOnce() {
    let x = Tensor([1]).tracked()
    var y = x
    for _ in 0..<60 { y = (y + y) * 0.5 }
    #expect(y.sum().gradients()[x]?.scalars == [1])
  }

  @Test func untrackedInputsGetNoGradient() {
    let (x, frozen) = (Tensor([2]).tracked(), Tensor([5]))
    let loss = (x * frozen).sum()
    #expect(loss.isTracked && !(frozen * frozen).isTracked)
    let gradients = loss.gradients()
    #expect(gradients[x]?.scalars == [5])
    #expect(gradients[frozen] == nil)
    #expect(gradients[Tensor([2]).tracked()] == nil)
  }

  @Test func detachingStopsTheGradient() {
    let x = Tensor([3]).tracked()
    #expect((x.detached() * x).sum().gradients()[x]?.scalars == [3])
    #expect(!(x.detached() * 2).isTracked)
  }

  @Test func gradientsAreThemselvesPlain() {
    let x = Tensor([3]).tracked()
    #expect((x * x).sum().gradients()[x]?.isTracked == false)
  }

  /// The value that the graph keeps is that of the forward pass, whatever happens to the leaf.
  @Test func changingALeafLeavesTheGraphAsItWas() {
    var x = Tensor([3]).tracked()
    let loss = (x * x).sum()
    x.update { $0[0] = 100 }
    #expect(loss.gradients()[x]?.scalars == [6])
    #expect(x.scalars == [100])
  }

  @Test func copiesAreIndependent() {
    let x = Tensor([1, 2, 3])
    var y = x
    y.update { $0[1] = 9 }
    y.add(x)
    #expect(x.scalars == [1, 2, 3] && y.scalars == [2, 11, 6])
  }

  /// As in data-parallel training within one process; ThreadSanitizer (`scripts/sanitize`) sees a race.
  @Test func threadsShareLeaves() {
    let w = Tensor.normal([5, 3], seed: 1).tracked()
    let inputs = (0..<4).map { Tensor.normal([7, 5], seed: UInt64(2 + $0)) }
    let expected = inputs.map { $0.matmul(w).squared().sum().gradients()[w]! }
    let lock = NSLock()
    var found: [Int: Tensor] = [:]
    Cores.forEach(inputs.count) { i in
      let gradient = inputs[i].matmul(w).squared().sum().gradients()[w]!
      lock.withLock { found[i] = gradient }
    }
    for (i, expected) in expected.enumerated() {
      #expect(found[i]?.scalars == expected.scalars, "input \(i)")
    }
  }
}
