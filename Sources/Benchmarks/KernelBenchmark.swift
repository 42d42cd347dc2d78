import Kernels
import Tensor

/// How fast single kernels are on one core, beside the most that its instructions allow.
///
/// With `ETUDE_MAX_CPU` it measures the kernels for a lesser CPU, beside that CPU's instructions.
public struct KernelBenchmark: Sendable, Codable {
  /// One kernel at one size.
  public struct Case: Sendable, Codable {
    /// Where it occurs.
    public var name: String
    /// Its size.
    public var size: String
    /// The best of several runs, 10⁹ operations a second.
    public var gflops: Double
    /// Of the peak, 0 to 1.
    public var shareOfPeak: Double
  }

  /// The vector instructions in use (`Machine.features`).
  public var features: [String]
  /// Multiplications and additions of floats in registers, 10⁹ a second: no product is faster.
  public var peakGflops: Double
  /// The kernels, in order.
  public var cases: [Case]

  /// Runs each kernel for a while, on the calling thread.
  ///
  /// - Parameter seconds: How long each runs at least.
  public static func run(seconds: Double = 0.2) -> KernelBenchmark {
    let operands = KernelOperands()
    var peak = 0.0
    let measured = TimedKernel.all.map { kernel in
      // The clock of a CPU changes, so the peak is measured again beside each kernel.
      peak = max(peak, TimedKernel.peak.gflops(on: operands, seconds: seconds / 4))
      return (kernel, kernel.gflops(on: operands, seconds: seconds))
    }
    return KernelBenchmark(
      features: Machine.current.features, peakGflops: peak,
      cases: measured.map { kernel, gflops in
        Case(name: kernel.name, size: kernel.size, gflops: gflops, shareOfPeak: gflops / peak)
      })
  }
}

/// Memory that the kernels read and write.
private final class KernelOperands {
  private static let count = 1500 * 768

  let x: UnsafeMutablePointer<Float>
  let weight: UnsafeMutablePointer<Float>
  let y = UnsafeMutablePointer<Float>.allocate(capacity: count)
  /// Working memory.
  let room = UnsafeMutablePointer<Float>.allocate(capacity: 100_000)
  let sums = UnsafeMutablePointer<Double>.allocate(
    capacity: 36 * Int(ETUDE_DEPTHWISE_CHANNELS))

  init() {
    x = Self.random(Self.count)
    weight = Self.random(100_000)
    y.initialize(repeating: 0, count: Self.count)
    room.initialize(repeating: 0, count: 100_000)
    sums.initialize(repeating: 0, count: 36 * Int(ETUDE_DEPTHWISE_CHANNELS))
  }

  private static func random(_ count: Int) -> UnsafeMutablePointer<Float> {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    let numbers = UnsafeMutablePointer<Float>.allocate(capacity: count)
    for i in 0..<count { numbers[i] = Float.random(in: -1..<1, using: &generator) }
    return numbers
  }

  deinit {
    for floats in [x, weight, y, room] { floats.deallocate() }
    sums.deallocate()
  }
}

/// A kernel at one size.
private struct TimedKernel: Sendable {
  let name: String
  let size: String
  /// Multiplications and additions of one call.
  let operations: Double
  let call: @Sendable (KernelOperands) -> Void

  /// The best of all calls. A call is repeated until the clock's resolution does not matter.
  func gflops(on operands: KernelOperands, seconds: Double) -> Double {
    let repeats = max(1, Int(2e7 / operations))
    let clock = ContinuousClock()
    let start = clock.now
    var best = Duration.seconds(1_000_000)
    repeat {
      best = min(best, clock.measure { for _ in 0..<repeats { call(operands) } })
    } while clock.now - start < .seconds(seconds)
    return 1e-9 * operations * Double(repeats) / (best / .seconds(1))
  }

  static let peak = TimedKernel(
    name: "peak", size: "",
    operations: withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) {
      etude_multiply_adds($0.baseAddress!, rounds)
    }
  ) { _ = etude_multiply_adds($0.y, rounds) }

  private static let rounds = 100_000

  static let all: [TimedKernel] =
    [
      product("attention, scores", m: 96, k: 64, n: 64),
      product("attention, weighted sum", m: 96, k: 374, n: 64),
      product("attention, gradient", m: 374, k: 96, n: 64, transposed: true),
      panel(rows: 32, inner: 256),
      convolution(taps: 10, step: 5, outputs: 512), convolution(taps: 9, step: 1, outputs: 32),
      convolution(taps: 9, step: 1, outputs: 16), gradient(taps: 10, step: 5, outputs: 512),
      gradient(taps: 9, step: 1, outputs: 32), linear,
    ] + [512, 768].flatMap { [depthwise(channels: $0), depthwiseGradient(channels: $0)] }
}

/// Products in registers.
extension TimedKernel {
  private static func product(
    _ name: String, m: Int, k: Int, n: Int, transposed: Bool = false
  ) -> TimedKernel {
    TimedKernel(name: name, size: "[\(m), \(k)] × [\(k), \(n)]", operations: 2 * Double(m * k * n))
    {
      etude_small_product(
        m, n, k, $0.y, n, $0.x, transposed ? 1 : k, transposed ? m : 1, $0.weight, n, 0)
    }
  }

  private static func panel(rows: Int, inner: Int) -> TimedKernel {
    let width = Int(ETUDE_PANEL)
    return TimedKernel(
      name: "LSTM", size: "[\(rows), \(inner)] × [\(inner), \(width)]",
      operations: 2 * Double(rows * inner * width)
    ) { etude_panel_product($0.y, width, $0.x, inner, $0.weight, rows, inner) }
  }

  /// A product of a layer, by a library, on one core: for comparison.
  private static var linear: TimedKernel {
    let (m, k, n) = (374, 768, 3072)
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let a = Tensor.uniform([m, k], in: -1..<1, using: &generator)
    let b = Tensor.uniform([n, k], in: -1..<1, using: &generator)
    return TimedKernel(
      name: "library's product", size: "[\(m), \(k)] × [\(k), \(n)]",
      operations: 2 * Double(m * k * n)
    ) { _ in _ = a.matmul(b, transposingRight: true) }
  }
}

/// Convolutions.
extension TimedKernel {
  private static func convolution(taps: Int, step: Int, outputs: Int) -> TimedKernel {
    let rows = 96
    return TimedKernel(
      name: "short convolution", size: "\(taps) taps, \(outputs) outputs",
      operations: 2 * Double(rows * taps * outputs)
    ) { etude_short_convolution($0.y, $0.x, $0.weight, nil, rows, step, taps, outputs) }
  }

  private static func gradient(taps: Int, step: Int, outputs: Int) -> TimedKernel {
    let rows = 384
    return TimedKernel(
      name: "its gradient", size: "\(taps) taps, \(outputs) outputs",
      operations: 2 * Double(rows * taps * outputs)
    ) {
      etude_short_convolution_gradient(
        $0.y, $0.x, $0.x, rows, step, taps, outputs, outputs)
    }
  }

  private static let (taps, frames, block) = (31, 1500, 96)

  private static func depthwise(channels: Int) -> TimedKernel {
    signal("depthwise convolution", channels: channels) { part, place, operands in
      etude_depthwise(
        operands.y + place, operands.x + place % channels, operands.weight, nil, operands.room,
        &part)
    }
  }

  private static func depthwiseGradient(channels: Int) -> TimedKernel {
    signal("its gradient", channels: channels) { part, place, operands in
      etude_depthwise_gradient(
        operands.sums, operands.x + place % channels, operands.x + place, operands.room, &part)
    }
  }

  /// A kernel that takes a whole signal, one block of frames and one chunk of channels at a time.
  private static func signal(
    _ name: String, channels: Int,
    call:
      @escaping @Sendable (
        _ part: inout EtudeDepthwise, _ place: Int, _ operands: KernelOperands
      ) -> Void
  ) -> TimedKernel {
    let chunk = Int(ETUDE_DEPTHWISE_CHANNELS)
    return TimedKernel(
      name: name, size: "\(taps) taps, [\(frames), \(channels)]",
      operations: 2 * Double(taps * frames * channels)
    ) { operands in
      for first in stride(from: 0, to: frames, by: block) {
        for channel in stride(from: 0, to: channels, by: chunk) {
          var part = EtudeDepthwise(
            first: first - taps / 2, rows: min(block, frames - first), time: frames,
            kernel: taps, dilation: 1, channels: min(chunk, channels - channel), width: channels)
          call(&part, first * channels + channel, operands)
        }
      }
    }
  }
}
