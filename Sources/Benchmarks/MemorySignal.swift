import Foundation
import Tensor

/// A signal that no cache holds, for operations that are bound by memory.
struct MemorySignal {
  let x: Tensor
  /// How long an operation is repeated at least.
  let seconds: Double

  init(shape: [Int], precision: Precision, seconds: Double) {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    x = Tensor.uniform(Shape(shape), in: -1..<1, using: &generator)
      .cast(to: precision.activations)
    self.seconds = seconds
  }

  /// Read once and written once, 10⁹ bytes.
  private var gigabytes: Double { 2e-9 * Double(x.elementCount * (x.dtype == .float32 ? 4 : 2)) }

  /// The speed of a copy of the signal's bytes, cut over the threads.
  func copy() -> Double {
    let floats = x.elementCount * (x.dtype == .float32 ? 4 : 2) / 4
    let source = Tensor.ones([floats])
    var copy = Tensor.zeros([floats])
    return speed(preparing: {}) { _ in
      copy.update { to in
        source.read { from in
          let (to, from) = (to.baseAddress!, from.baseAddress!)
          Cores.parallel(floats, grain: 1 << 13) { range in
            memcpy(to + range.lowerBound, from + range.lowerBound, 4 * range.count)
          }
        }
      }
    }
  }

  /// The best of all runs of `body`, whose preparation does not count, 10⁹ bytes a second.
  func speed<Prepared>(
    preparing prepare: () -> Prepared, of body: (Prepared) -> Void
  ) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    body(prepare())
    var best = Duration.seconds(1_000_000)
    repeat {
      let prepared = prepare()
      best = min(best, clock.measure { body(prepared) })
    } while clock.now - start < .seconds(seconds)
    return gigabytes / (best / .seconds(1))
  }
}
