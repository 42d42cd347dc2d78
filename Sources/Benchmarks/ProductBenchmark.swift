import Tensor

/// How fast this machine multiplies matrices, at the shapes of a base model.
public struct ProductBenchmark: Sendable, Codable {
  /// One product `[m, k] × [k, n]`.
  public struct Case: Sendable, Codable {
    /// Where it occurs.
    public var name: String
    /// Rows of the left matrix.
    public var m: Int
    /// Columns of the right matrix.
    public var n: Int
    /// The inner length.
    public var k: Int
    /// The best of several runs, 10⁹ operations a second.
    public var gflops: Double
  }

  /// Of the operands.
  public var precision: Precision
  /// The cases, in order.
  public var cases: [Case]
  /// The best of them.
  public var peak: Double { cases.map(\.gflops).max() ?? 0 }

  /// Runs each case for a while.
  ///
  /// - Parameters:
  ///   - precision: Of the operands; the CPU has to have such products.
  ///   - seconds: How long each runs at least.
  public static func run(
    precision: Precision = .fp32, seconds: Double = 0.4
  ) -> ProductBenchmark {
    ProductBenchmark(
      precision: precision,
      cases: shapes.map { measure($0.name, $0.m, $0.n, $0.k, precision, seconds: seconds) })
  }

  /// The rate of one of the fastest products, 10⁹ operations a second.
  ///
  /// - Parameters:
  ///   - precision: Of the operands; the CPU has to have such products.
  ///   - seconds: How long it runs at least.
  public static func peak(of precision: Precision, seconds: Double = 0.2) -> Double {
    let shape = shapes[2]
    return measure(shape.name, shape.m, shape.n, shape.k, precision, seconds: seconds).gflops
  }

  /// Eight crops of 5 s through MERT-95M; the first convolutions are the longest products. The small one, of a head in a
  /// nano model, shows how well BLAS knows the CPU.
  private static let shapes = [
    (name: "convolution", m: 12_000, n: 512, k: 1536),
    (name: "attention map", m: 2992, n: 768, k: 768),
    (name: "feed-forward, in", m: 2992, n: 3072, k: 768),
    (name: "feed-forward, out", m: 2992, n: 768, k: 3072),
    (name: "attention, nano", m: 97, n: 97, k: 32),
  ]

  private static func measure(
    _ name: String, _ m: Int, _ n: Int, _ k: Int, _ precision: Precision, seconds: Double
  ) -> Case {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    let a = Tensor.uniform([m, k], in: -1..<1, using: &generator).cast(to: precision.activations)
    let b = Tensor.uniform([n, k], in: -1..<1, using: &generator).cast(to: precision.activations)
    let clock = ContinuousClock()
    _ = a.matmul(b, transposingRight: true)
    let start = clock.now
    var best = Duration.seconds(1_000_000)
    repeat {
      best = min(best, clock.measure { _ = a.matmul(b, transposingRight: true) })
    } while clock.now - start < .seconds(seconds)
    return Case(
      name: name, m: m, n: n, k: k, gflops: 2e-9 * Double(m * n * k) / (best / .seconds(1)))
  }
}
