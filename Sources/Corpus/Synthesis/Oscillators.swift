import Foundation

/// The sample rate of the synthesiser, Hz.
let synthRate: Float = 24_000

/// `base^exponent`.
func power(_ base: Float, _ exponent: Float) -> Float { Float(pow(Double(base), Double(exponent))) }

/// The frequency ratio of an interval in cents.
func ratio(cents: Float) -> Float { power(2, cents / 1200) }

/// The amplitude of a level in decibels.
func amplitude(decibels: Float) -> Float { power(10, decibels / 20) }

/// The factor per sample that falls by 60 dB in `seconds`.
func decayFactor(seconds: Float) -> Float { power(0.001, 1 / (max(seconds, 1e-4) * synthRate)) }

/// One cycle of a periodic wave, read at any phase by linear interpolation.
struct Wavetable: Sendable {
  static let length = 1024
  /// One cycle, with its first sample repeated at the end.
  private let cycle: [Float]

  static let sine = Wavetable(harmonics: [1])

  /// The sum of harmonics 1, 2, … with the given amplitudes, scaled to the power of a sine, one
  /// half.
  init(harmonics: [Float]) {
    var sum = [Float](repeating: 0, count: Wavetable.length + 1)
    for (h, amplitude) in harmonics.enumerated() where amplitude != 0 {
      for i in 0..<Wavetable.length {
        sum[i] += amplitude * sineCycle[(i * (h + 1)) & (Wavetable.length - 1)]
      }
    }
    let power = harmonics.reduce(0) { $0 + $1 * $1 }
    let scale = power > 0 ? 1 / power.squareRoot() : 0
    for i in 0..<Wavetable.length { sum[i] *= scale }
    sum[Wavetable.length] = sum[0]
    cycle = sum
  }

  /// - Parameter phase: The phase in cycles, in `0..<1`.
  @inline(__always) func callAsFunction(_ phase: Float) -> Float {
    let position = phase * Float(Wavetable.length)
    let i = Int(position)
    return cycle[i] + (position - Float(i)) * (cycle[i + 1] - cycle[i])
  }

  /// The number of harmonics of a tone below the limit at which they would alias.
  static func harmonicCount(below limit: Float = 0.46, at frequency: Float, atMost most: Int) -> Int
  {
    max(1, min(most, Int(limit * synthRate / frequency)))
  }
}

private let sineCycle: [Float] = (0..<Wavetable.length).map {
  Float(sin(2 * Double.pi * Double($0) / Double(Wavetable.length)))
}

/// The fraction of a phase in cycles, for phases above -1024.
@inline(__always) func wrapped(_ phase: Float) -> Float {
  let shifted = phase + 1024
  return shifted - Float(Int(shifted))
}

/// White noise in -1…1 by Marsaglia's 32-bit xorshift: fast, and of sufficient quality for audio.
struct NoiseSource: Sendable {
  private var state: UInt32

  init(seed: UInt32) { state = seed | 1 }

  @inline(__always) mutating func next() -> Float {
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return Float(Int32(bitPattern: state)) * 0x1p-31
  }

  /// A phase in cycles, in `0..<1`. A value that rounds to a whole cycle is 0.
  mutating func phase() -> Float {
    let phase = next() * 0.5 + 0.5
    return phase < 1 ? phase : 0
  }
}
