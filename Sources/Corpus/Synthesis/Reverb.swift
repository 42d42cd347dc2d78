import Tensor

/// The reverberation of a small room: a feedback network of four delay lines.
///
/// Source: Jot and Chaigne, "Digital delay networks for designing artificial reverberators",
/// AES 1991; the mixing matrix is Householder's, `I - ½ 1 1ᵀ`.
struct Reverb: Sendable {
  private let lengths: SIMD4<Int>
  private let gains: SIMD4<Float>
  private let damping: Float

  /// - Parameters:
  ///   - seconds: The time to fall by 60 dB.
  ///   - size: The scale of the delays; 1 is about 40 ms.
  ///   - damping: The fraction of high frequencies lost in each pass, 0…1.
  init(seconds: Float, size: Float, damping: Float) {
    let delays = SIMD4<Float>(701, 887, 1069, 1307) * size
    var gains = SIMD4<Float>()
    for line in 0..<4 { gains[line] = power(0.001, delays[line] / (seconds * synthRate)) }
    lengths = SIMD4(Int(delays[0]), Int(delays[1]), Int(delays[2]), Int(delays[3]))
    self.gains = gains
    self.damping = damping
  }

  static func drawn(using stream: inout RandomStream) -> Reverb {
    Reverb(
      seconds: stream.logUniform(0.2...2.5), size: stream.uniform(0.5...1.6),
      damping: stream.uniform(0.1...0.6))
  }

  /// The reverberation without the direct sound.
  func callAsFunction(_ input: [Float]) -> [Float] {
    var lines = (0..<4).map { [Float](repeating: 0, count: lengths[$0]) }
    var positions = SIMD4<Int>()
    var smooth = SIMD4<Float>()
    var output = input
    for i in input.indices {
      var taps = SIMD4<Float>()
      for line in 0..<4 { taps[line] = lines[line][positions[line]] }
      smooth += (1 - damping) * (taps * gains - smooth)
      let fed = smooth - 0.5 * smooth.sum() + input[i]
      for line in 0..<4 {
        lines[line][positions[line]] = fed[line]
        positions[line] = positions[line] + 1 == lengths[line] ? 0 : positions[line] + 1
      }
      output[i] = 0.5 * (taps[0] - taps[1] + taps[2] - taps[3])
    }
    return output
  }
}
