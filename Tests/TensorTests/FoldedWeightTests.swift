import Synchronization
import Tensor
import Testing

/// A weight of a direction and a gain is computed once, until either changes.
@Suite struct FoldedWeightTests {
  private let folds = Counter()

  private func weight(_ direction: Tensor, _ gain: Tensor) -> Tensor {
    direction.folded(with: gain) { direction, gain in
      folds.increment()
      return direction * gain
    }
  }

  @Test func isComputedOnce() {
    let (direction, gain) = (Tensor([1, 2, 3, 4], shape: [2, 2]), Tensor([10, 100]))
    for _ in 0..<3 { #expect(weight(direction, gain).scalars == [10, 200, 30, 400]) }
    // The copy without gradients shares the memory.
    #expect(weight(direction.tracked().detached(), gain).scalars == [10, 200, 30, 400])
    #expect(folds.value == 1)
  }

  @Test func changesWithTheDirection() {
    var (direction, gain) = (Tensor([1, 2, 3, 4], shape: [2, 2]), Tensor([10, 100]))
    _ = weight(direction, gain)
    direction.update { $0[0] = 5 }
    #expect(weight(direction, gain).scalars == [50, 200, 30, 400])
    gain.update { $0[1] = 1 }
    #expect(weight(direction, gain).scalars == [50, 2, 30, 4])
    gain = Tensor([1, 1])
    #expect(weight(direction, gain).scalars == [5, 2, 3, 4])
    #expect(folds.value == 4)
  }

  /// Gradients flow through the weight, so it is not cached.
  @Test func ofTrackedNumbersIsComputedAnew() throws {
    let (direction, gain) = (Tensor([1, 2], shape: [1, 2]), Tensor([10, 100]))
    _ = weight(direction, gain)
    for (direction, gain) in [(direction.tracked(), gain), (direction, gain.tracked())] {
      let leaf = direction.isTracked ? direction : gain
      let gradient = try #require(weight(direction, gain).sum().gradients()[leaf])
      #expect(gradient.scalars == (direction.isTracked ? [10, 100] : [1, 2]))
    }
    #expect(folds.value == 3)
  }

  /// A leading slice begins where the whole does, and is another weight.
  @Test func ofASliceIsItsOwn() {
    let (direction, gain) = (Tensor([1, 2, 3, 4], shape: [2, 2]), Tensor([10, 100]))
    _ = weight(direction, gain)
    #expect(weight(direction.sliced(axis: 0, 0..<1), gain).scalars == [10, 200])
    #expect(weight(direction.sliced(axis: 0, 1..<2), gain).scalars == [30, 400])
    #expect(weight(direction, gain).scalars == [10, 200, 30, 400])
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}
