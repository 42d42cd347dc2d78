import Tensor

/// How fast rotary positions go through memory, beside a plain copy.
public struct RotaryBenchmark: Sendable, Codable {
  /// One pass of one way to pair channels.
  public struct Case: Sendable, Codable {
    /// The pass: forward or gradient.
    public var name: String
    /// Which channels are a pair.
    public var pairs: RotaryPairs
    /// The best of several runs, 10⁹ bytes a second of what is read and written once.
    public var gigabytesPerSecond: Double
  }

  /// Of the frames.
  public var precision: Precision
  /// Threads.
  public var threads: Int
  /// The shape of the frames, `[B, T, D]`.
  public var shape: [Int]
  /// The same of a copy of as many bytes on as many threads.
  public var copyGigabytesPerSecond: Double
  /// The cases, in order.
  public var cases: [Case]

  /// Channels of a head.
  private static let depth = 64

  /// Runs each case for a while, on frames that no cache holds.
  ///
  /// - Parameter seconds: How long each runs at least.
  public static func run(
    precision: Precision = .fp32, seconds: Double = 0.4
  ) -> RotaryBenchmark {
    let shape = [16, 750, 1024]
    let signal = MemorySignal(shape: shape, precision: precision, seconds: seconds)
    return RotaryBenchmark(
      precision: precision, threads: Cores.count, shape: shape,
      copyGigabytesPerSecond: signal.copy(),
      cases: RotaryPairs.allCases.flatMap { cases($0, signal) })
  }

  private static func cases(_ pairs: RotaryPairs, _ signal: MemorySignal) -> [Case] {
    let frequencies = (0..<depth / 2).map { 1 / Float($0 + 1) }
    let x = signal.x
    func y(_ x: Tensor) -> Tensor {
      x.rotated(heads: x.shape[2] / depth, frequencies: frequencies, pairs: pairs)
    }
    func named(_ name: String, _ speed: Double) -> Case {
      Case(name: name, pairs: pairs, gigabytesPerSecond: speed)
    }
    return [
      named("forward", signal.speed(preparing: {}, of: { _ in _ = y(x) })),
      named(
        "gradient",
        signal.speed(preparing: { y(x.tracked()) }, of: { _ = $0.gradients(along: x) })),
    ]
  }
}
