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
    let signal = MemorySignal(shape: shape, precision: precision, seconds: seconds)
    return DepthwiseBenchmark(
      precision: precision, threads: Cores.count, shape: shape,
      copyGigabytesPerSecond: signal.copy(),
      cases: [3, 7, 15, 31].flatMap(signal.depthwiseCases))
  }
}

extension MemorySignal {
  fileprivate func depthwiseCases(kernel: Int) -> [DepthwiseBenchmark.Case] {
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
}
