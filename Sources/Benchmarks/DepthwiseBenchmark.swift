import Foundation
import Tensor

/// How fast depthwise convolutions go through memory, beside a plain copy.
public struct DepthwiseBenchmark: Sendable, Codable {
  /// One pass of one convolution.
  public struct Case: Sendable, Codable {
    /// The pass: forward, input gradient or weight gradient.
    public var name: String
    /// Taps.
    public var kernel: Int
    /// The best of several runs, 10⁹ bytes a second of what is read and written once.
    public var gigabytesPerSecond: Double
  }

  /// Of the signals.
  public var precision: Precision
  /// Threads.
  public var threads: Int
  /// The shape of the signals, `[B, T, C]`.
  public var shape: [Int]
  /// The same of a copy of as many bytes on as many threads.
  public var copyGigabytesPerSecond: Double
  /// The cases, in order.
  public var cases: [Case]

  /// Runs each case for a while, on signals that no cache holds.
  ///
  /// - Parameter seconds: How long each runs at least.
  public static func run(
    precision: Precision = .fp32, seconds: Double = 0.4
  ) -> DepthwiseBenchmark {
    let shape = [16, 1500, 512]
    let signal = DepthwiseSignal(shape: shape, precision: precision, seconds: seconds)
    return DepthwiseBenchmark(
      precision: precision, threads: Cores.count, shape: shape,
      copyGigabytesPerSecond: signal.copy(), cases: [3, 7, 15, 31].flatMap(signal.cases))
  }
}

/// What all cases read.
private struct DepthwiseSignal {
  let x: Tensor
  let seconds: Double

  init(shape: [Int], precision: Precision, seconds: Double) {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    x = Tensor.uniform(Shape(shape), in: -1..<1, using: &generator)
      .cast(to: precision.activations)
    self.seconds = seconds
  }

  /// Read once and written once, 10⁹ bytes.
  private var gigabytes: Double { 2e-9 * Double(x.elementCount * (x.dtype == .float32 ? 4 : 2)) }

  func cases(kernel: Int) -> [DepthwiseBenchmark.Case] {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let channels = x.shape[2]
    let weight = Tensor.uniform([channels, kernel, 1], in: -1..<1, using: &generator)
    func y(_ x: Tensor, _ weight: Tensor) -> Tensor {
      x.conv1d(weight: weight, padding: .same(kernel: kernel), groups: channels)
    }
    func named(_ name: String, _ speed: Double) -> DepthwiseBenchmark.Case {
      DepthwiseBenchmark.Case(name: name, kernel: kernel, gigabytesPerSecond: speed)
    }
    return [
      named("forward", speed(preparing: {}, of: { _ in _ = y(x, weight) })),
      named(
        "input gradient",
        speed(preparing: { y(x.tracked(), weight) }, of: { _ = $0.gradients(along: x) })),
      named(
        "weight gradient",
        speed(preparing: { y(x, weight.tracked()) }, of: { _ = $0.gradients(along: x) })),
    ]
  }

  /// A copy of the signal's bytes, cut over the threads.
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

  /// The best of all runs of `body`, whose preparation does not count.
  private func speed<Prepared>(
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
