import Tensor
import TestSupport
import Testing

@Suite struct ConversionTests {
  static let patterns = (0...UInt16.max).map { pattern -> BFloat16 in
    var number = BFloat16(0)
    number.bits = pattern
    return number
  }

  @Test func everyNumberWidensExactlyAndComesBack() {
    let all = Tensor(Self.patterns)
    let wide = all.cast(to: .float32)
    #expect(
      wide.scalars.map(\.bitPattern) == Self.patterns.map { UInt32($0.bits) << 16 })
    let back = wide.cast(to: .bfloat16).read(as: BFloat16.self) { Array($0) }
    for (a, b) in zip(Self.patterns, back) where !a.float.isNaN { #expect(a == b) }
    for (a, b) in zip(Self.patterns, back) where a.float.isNaN { #expect(b.float.isNaN) }
  }

  /// Midpoints between neighbours, and the floats next to them.
  @Test func roundsToTheNearestAndTiesToEven() {
    var floats: [Float] = []
    var expected: [Float] = []
    for bits in stride(from: UInt32(0), to: 0x7F7F, by: 37) {
      let (low, high) = (Float(bitPattern: bits << 16), Float(bitPattern: (bits + 1) << 16))
      let middle = Float(bitPattern: bits << 16 | 0x8000)
      floats += [middle.nextDown, middle, middle.nextUp, -middle.nextDown, -middle, -middle.nextUp]
      let even = bits % 2 == 0 ? low : high
      expected += [low, even, high, -low, -even, -high]
    }
    #expect(Tensor(floats).cast(to: .bfloat16).scalars == expected)
    #expect(floats.map { BFloat16($0).float } == expected)
  }

  @Test func specialNumbers() {
    let floats: [Float] = [0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .nan]
    let there = Tensor(floats).cast(to: .bfloat16).scalars
    #expect(there[0].sign == .plus && there[1].sign == .minus && there[0] == 0 && there[1] == 0)
    #expect(there[2] == .infinity && there[3] == -.infinity && there[4] == .infinity)
    #expect(there[5].isNaN)
    #expect(BFloat16(.nan).float.isNaN && BFloat16(-.infinity).float == -.infinity)
  }

  @Test(arguments: [[0], [1], [15], [3, 33]] as [Shape])
  func castHandsTheGradientOn(shape: Shape) {
    let x = Tensor.normal(shape, seed: 1).tracked()
    let y = x.cast(to: .bfloat16)
    #expect(y.dtype == .bfloat16 && y.shape == shape)
    let weights = Tensor.normal(shape, seed: 2).cast(to: .bfloat16).cast(to: .float32)
    let dx = (y * weights).sum().gradients()[x]
    #expect(dx?.dtype == .float32 && dx?.scalars == weights.scalars)
  }
}
