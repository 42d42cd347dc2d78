import Tensor
import TestSupport
import Testing

@Suite struct DropoutTests {
  /// A frame alone, of a width that is no multiple of a run, is dropped as in its sample.
  @Test(arguments: [1, 3, 64, 100], [DType.float32, .bfloat16])
  func framesHaveTheMaskOfTheirSample(width: Int, dtype: DType) {
    let x = Tensor.normal([2, 9, width], seed: 1).cast(to: dtype)
    let mask = DropoutMask(probability: 0.4, seed: 3, step: 1, site: 2, samples: [6, 4])
    let rows = [0, 5, 8, 9, 13, 17]
    let frames = DropoutMask(
      probability: 0.4, seed: 3, step: 1, site: 2, samples: rows.map { $0 < 9 ? 6 : 4 },
      frames: rows.map { $0 % 9 })
    func flat(_ x: Tensor) -> Tensor { x.reshaped([18, width]).gatheringRows(rows) }
    let (whole, part) = (flat(x.dropout(mask)), flat(x).dropout(frames))
    #expect(part.dtype == dtype && part.scalars == whole.scalars)
    #expect(
      flat(x).adding(flat(x), dropout: frames).scalars == flat(x.adding(x, dropout: mask)).scalars)
  }

  static func mask(_ probability: Float, site: Int = 0, samples: [Int]) -> DropoutMask {
    DropoutMask(probability: probability, seed: 5, step: 3, site: site, samples: samples)
  }

  @Test(arguments: [[1, 1], [2, 7], [3, 5, 17], [1, 64], [0, 3], [2, 0]] as [Shape])
  func gradients(shape: Shape) {
    let mask = Self.mask(0.3, samples: Array(0..<shape[0]))
    expectGradients(of: { $0[0].dropout(mask).squared() }, at: [.normal(shape, seed: 1)])
  }

  @Test(arguments: [Float(0.05), 0.1, 0.5, 0.9])
  func rateAndScale(probability: Float) {
    let count = 1 << 18
    let y = Tensor.ones([2, count / 2]).dropout(Self.mask(probability, samples: [4, 9])).scalars
    let dropped = Double(y.filter { $0 == 0 }.count)
    let (p, n) = (Double(probability), Double(count))
    #expect(abs(dropped - p * n) < 5 * (n * p * (1 - p)).squareRoot())
    #expect(Set(y) == [0, 1 / (1 - probability)])
  }

  @Test func probabilityZeroKeepsEverything() {
    let x = Tensor.normal([2, 9], seed: 1)
    #expect(x.dropout(Self.mask(0, samples: [0, 1])).scalars == x.scalars)
  }

  /// A sample's mask depends on its global number, not on its place in the batch.
  @Test func theMaskFollowsTheSample() {
    let x = Tensor.ones([3, 101])
    let y = x.dropout(Self.mask(0.5, samples: [7, 8, 9]))
    let other = x.dropout(Self.mask(0.5, samples: [9, 1, 7]))
    #expect(y.sliced(axis: 0, 0..<1).scalars == other.sliced(axis: 0, 2..<3).scalars)
    #expect(y.sliced(axis: 0, 2..<3).scalars == other.sliced(axis: 0, 0..<1).scalars)
    #expect(y.sliced(axis: 0, 0..<1).scalars != y.sliced(axis: 0, 1..<2).scalars)
  }

  @Test func sitesStepsAndSeedsDiffer() {
    let x = Tensor.ones([1, 500])
    let first = Self.mask(0.5, samples: [0])
    var others = [first, first, first]
    others[0].site = 1
    others[1].step = 4
    others[2].seed = 6
    for other in others { #expect(x.dropout(other).scalars != x.dropout(first).scalars) }
  }

  /// In a process of its own, because the number of threads is the process's.
  @Test func masksDoNotDependOnTheCut() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.normal([3, 20_011], seed: 1)
      let q = Tensor.normal([2, 33, 12], seed: 2)
      var seen: [[Float]] = []
      for threads in 1...3 {
        Cores.count = threads
        let dropped = x.dropout(DropoutTests.mask(0.4, samples: [1, 2, 3]))
        let attended = Tensor.attention(
          queries: q, keys: q, values: q, heads: 3,
          dropout: DropoutTests.mask(0.4, samples: [4, 5]))
        seen.append(dropped.scalars + attended.scalars)
      }
      #expect(seen[0] == seen[1] && seen[1] == seen[2])
    }
  }

  /// Attention whose values are ones gives the sums of the dropped weights: their mean stays 1.
  @Test func attentionDropsAtTheRate() {
    let q = Tensor.normal([4, 64, 8], seed: 1)
    let sums = Tensor.attention(
      queries: q, keys: q * 0, values: .ones([4, 64, 8]), heads: 2,
      dropout: Self.mask(0.25, samples: [0, 1, 2, 3]))
    // Each sum is of 64 equal weights: deviation √(p / (1 - p) / 64) = 0.0722. There are 512.
    let deviation = Float(0.0722) / Float(512).squareRoot()
    #expect(abs(sums.mean().scalar - 1) < 5 * deviation)
    #expect(Set(sums.scalars).count > 10)
  }
}
