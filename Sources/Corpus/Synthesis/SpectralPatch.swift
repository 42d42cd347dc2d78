import Tensor

/// Additive synthesis: a crossfade between a dark and a bright spectrum, controlled by envelope and
/// velocity, with several detuned voices, vibrato and breath noise.
struct SpectralPatch: Patch {
  /// The amplitudes of harmonics 1, 2, … of a soft note.
  var dark: [Float]
  /// The amplitudes of harmonics 1, 2, … of a loud note.
  var bright: [Float]
  var envelope: Envelope
  /// How strongly velocity and envelope fade in the bright spectrum, 0…1.
  var opening: Float = 0
  /// The distance between neighbouring voices, cents; the number of voices is odd.
  var detune: Float = 0
  var voices = 1
  var vibrato = Vibrato(rate: 5, cents: 0, delay: 0)
  /// The level of the noise around the pitch, relative to the tone.
  var breath: Float = 0

  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float] {
    let curve = envelope.curve(gate: tone.gate)
    let count = Wavetable.harmonicCount(at: tone.frequency, atMost: 48)
    let soft = Wavetable(harmonics: Array(dark.prefix(count)))
    let loud = Wavetable(harmonics: Array(bright.prefix(count)))
    let bend = vibrato.bend(count: curve.count, phase: noise.phase())
    var sum = [Float](repeating: 0, count: curve.count)
    for voice in 0..<voices {
      let cents = detune * (Float(voice) - Float(voices - 1) / 2)
      let increment = tone.frequency * ratio(cents: cents) / synthRate
      var phase = noise.phase()
      for i in sum.indices {
        let mix = min(1, opening * curve[i] * tone.velocity)
        let wave = (1 - mix) * soft(phase) + mix * loud(phase)
        sum[i] += wave
        phase += increment * bend[i / Vibrato.block]
        phase -= phase >= 1 ? 1 : 0
      }
    }
    if breath > 0 { addBreath(to: &sum, around: tone.frequency, noise: &noise) }
    let gain = tone.velocity / Float(voices).squareRoot()
    for i in sum.indices { sum[i] *= gain * curve[i] }
    return sum
  }

  private func addBreath(
    to sum: inout [Float], around frequency: Float, noise: inout NoiseSource
  ) {
    var filter = StateVariableFilter(quality: 1.5)
    let g = StateVariableFilter.coefficient(cutoff: 2 * frequency)
    for i in sum.indices { sum[i] += breath * filter(noise.next(), coefficient: g).band }
  }
}

/// A periodic modulation of the pitch that starts after a delay.
struct Vibrato: Sendable {
  /// The samples between two values of the modulation.
  static let block = 32
  /// The rate, Hz.
  var rate: Float
  /// The depth to either side, cents.
  var cents: Float
  /// The time until the full depth, seconds.
  var delay: Float

  /// The frequency ratio for each block of samples.
  /// - Parameter phase: The phase at the start, cycles in `0..<1`.
  func bend(count: Int, phase: Float) -> [Float] {
    let depth = ratio(cents: cents) - 1
    return (0...count / Vibrato.block).map { block in
      let time = Float(block * Vibrato.block) / synthRate
      let onset = delay > 0 ? min(1, time / delay) : 1
      return 1 + depth * onset * Wavetable.sine(wrapped(phase + rate * time))
    }
  }
}
