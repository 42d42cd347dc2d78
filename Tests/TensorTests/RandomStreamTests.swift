import Tensor
import TestSupport
import Testing

@Suite struct RandomStreamTests {
  static let count = 1 << 17

  /// Mean, and the central moments of order 2, 3 and 4.
  static func moments(_ x: [Float]) -> [Double] {
    let n = Double(x.count)
    let mean = x.reduce(0.0) { $0 + Double($1) } / n
    var central = [0.0, 0.0, 0.0]
    for value in x {
      let d = Double(value) - mean
      central[0] += d * d / n
      central[1] += d * d * d / n
      central[2] += d * d * d * d / n
    }
    return [mean] + central
  }

  @Test func uniformDraws() {
    var stream = RandomStream(seed: 1, purpose: .probe)
    let x = Tensor.uniform([Self.count], in: -1..<3, using: &stream).scalars
    #expect(x.min()! >= -1 && x.max()! < 3)
    // Width 4: mean 1, variance 4² / 12, fourth moment 4⁴ / 80; bounds of five deviations.
    let m = Self.moments(x)
    #expect(abs(m[0] - 1) < 0.016 && abs(m[1] - 4.0 / 3) < 0.017)
    #expect(abs(m[2]) < 0.06 && abs(m[3] - 3.2) < 0.08)
  }

  @Test func normalDraws() {
    var stream = RandomStream(seed: 1, purpose: .probe)
    let x = Tensor.normal([Self.count], standardDeviation: 2, using: &stream).scalars
    let m = Self.moments(x.map { $0 / 2 })
    #expect(abs(m[0]) < 0.014 && abs(m[1] - 1) < 0.02)
    #expect(abs(m[2]) < 0.035 && abs(m[3] - 3) < 0.14)
    let within = Double(x.filter { abs($0) < 2 }.count) / Double(Self.count)
    #expect(abs(within - 0.682_689) < 0.0065)
  }

  @Test func streamsAreFunctionsOfTheirNames() {
    func draws(
      seed: UInt64 = 1, _ purpose: RandomPurpose = .crop, step: Int = 2, sample: Int = 3
    ) -> [UInt64] {
      var stream = RandomStream(seed: seed, purpose: purpose, step: step, sample: sample)
      return (0..<64).map { _ in stream.next() }
    }
    #expect(draws() == draws())
    let others = [
      draws(), draws(seed: 2), draws(.order), draws(step: 3), draws(sample: 2),
      draws(step: 3, sample: 2), draws(.own(0)), draws(.own(1)),
    ]
    #expect(Set(others.joined()).count == 64 * others.count)
  }

  @Test func ownPurposesHaveNumbersInRange() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = RandomPurpose.own(65_536) }
    expectWords("RandomPurpose: own number 65536 is not in 0..<65536", in: result)
  }

  /// The same stream, not known as one.
  struct Disguised: RandomNumberGenerator {
    var stream: RandomStream
    mutating func next() -> UInt64 { stream.next() }
  }

  /// Tensors take a stream's draws many at a time and on all cores; what they hold, and what the stream
  /// draws next, is as if they had asked one by one. Lengths around those of a block, a buffer, a piece.
  @Test(arguments: [0, 1, 7, 511, 513, 5001], [0, 1, 2, 513])
  func manyDrawsAreTheSameAsSingleOnes(count: Int, before: Int) {
    var stream = RandomStream(seed: 1 << 40 | 3, purpose: .initialisation, step: 2, sample: 5)
    for _ in 0..<before { _ = stream.next() }
    var single = Disguised(stream: stream)
    let normal = Tensor.normal([count], standardDeviation: 0.02, using: &stream)
    #expect(
      normal.scalars == Tensor.normal([count], standardDeviation: 0.02, using: &single).scalars)
    let uniform = Tensor.uniform([count], in: -0.3..<0.7, using: &stream)
    #expect(uniform.scalars == Tensor.uniform([count], in: -0.3..<0.7, using: &single).scalars)
    #expect(stream.next() == single.next())
  }

  /// Enough for the rare ones that are computed twice, one in 800,000.
  @Test func aMillionNormalDrawsAreTheSameAsSingleOnes() {
    var stream = RandomStream(seed: 2, purpose: .probe)
    var single = Disguised(stream: stream)
    let many = Tensor.normal([1 << 20], using: &stream)
    #expect(many.scalars == Tensor.normal([1 << 20], using: &single).scalars)
  }

  /// Between neighbouring floats every other draw rounds to the bound and is made again.
  @Test func drawsMadeAgainAreTheSameAsSingleOnes() {
    var stream = RandomStream(seed: 1, purpose: .probe)
    var single = Disguised(stream: stream)
    let range = Float(1)..<Float(1).nextUp
    let uniform = Tensor.uniform([999], in: range, using: &stream)
    #expect(uniform.scalars == Tensor.uniform([999], in: range, using: &single).scalars)
    #expect(stream.next() == single.next())
    var other = RandomStream(seed: 1, purpose: .probe)
    for _ in 0..<999 { _ = other.next() }
    #expect(stream.next() != other.next())
  }

  /// Neighbouring streams, as neighbouring samples use them, show no correlation.
  @Test func neighboursAreUncorrelated() {
    func normals(sample: Int) -> [Float] {
      var stream = RandomStream(seed: 1, purpose: .crop, sample: sample)
      return (0..<1 << 14).map { _ in stream.nextNormal() }
    }
    let (a, b) = (normals(sample: 0), normals(sample: 1))
    let bound = 5 / Double(a.count).squareRoot()
    #expect(abs(Self.correlation(a, b)) < bound)
    #expect(abs(Self.correlation(a, Array(a.dropFirst()))) < bound)
  }

  static func correlation(_ a: [Float], _ b: [Float]) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += Double(x) * Double(y) }
    return sum / Double(a.count)
  }
}
