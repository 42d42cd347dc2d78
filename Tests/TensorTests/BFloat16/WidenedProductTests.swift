import Foundation
import Tensor
import TestSupport
import Testing

/// Products of bfloat16 on a CPU without such instructions, and what it copies for them. On other
/// CPUs an environment variable keeps oneDNN from using them.
@Suite struct WidenedProductTests {
  @Test func productsAreThoseOfFloats() async {
    await #expect(processExitsWith: .success) {
      setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1)
      #expect(!Precision.bf16.isFast(on: Machine.current.features))
      for (m, k, n) in [(1, 1, 1), (3, 0, 5), (301, 67, 45), (45, 67, 301), (300, 768, 129)] {
        for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
          expectRounding(
            of: { $0[0].matmul($0[1], transposingLeft: left, transposingRight: right) },
            at: [
              .normal(left ? [k, m] : [m, k], seed: 1), .normal(right ? [n, k] : [k, n], seed: 2),
            ])
        }
      }
    }
  }

  /// A bias and the windows of a convolution, which overlap.
  @Test func convolutionsAreThoseOfFloats() async {
    await #expect(processExitsWith: .success) {
      setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1)
      let parameters = [Tensor.normal([48, 5, 32], seed: 2), .normal([48], seed: 3)]
      expectRounding(
        of: { $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2) },
        at: [.normal([1, 301, 32], seed: 1)],
        parameters: parameters.map { $0.cast(to: .bfloat16).cast(to: .float32) })
    }
  }

  /// Four threads need one copy of the right operand. With a copy for each of them this product
  /// would hold 12 MiB more.
  @Test func anOperandIsCopiedOnceForAllThreads() async {
    await #expect(processExitsWith: .success) {
      setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1)
      Cores.count = 4
      let a = Tensor.ones([1024, 1024]).cast(to: .bfloat16)
      let warm = a.matmul(a)
      let before = MemoryStatistics.current
      let y = a.matmul(a)
      let peak = MemoryStatistics.current.peak
      // Two operands and all sums in float32 take 4 MiB each, the result takes 2 MiB.
      #expect(peak - before.inUse <= 14 << 20, "\(peak - before.inUse) bytes")
      #expect(y.scalars.allSatisfy { $0 == 1024 })
      withExtendedLifetime(warm) {}
    }
  }
}
