import Tensor

/// Additive synthesis: a dark and a bright spectrum, faded into each other by the envelope, by
/// velocity and over several detuned voices, with vibrato and breath.
struct SpectralPatch: Patch {
  /// Amplitude of harmonics 1, 2, … when soft.
  var dark: [Float]
  /// The same when loud.
  var bright: [Float]
  var envelope: Envelope
  /// How far velocity and envelope open the bright spectrum, 0…1.
  var opening: Float = 0
  /// Cents between neighbouring voices; the number of voices is odd.
  var detune: Float = 0
  var voices = 1
  var vibrato = Vibrato(rate: 5, cents: 0, delay: 0)
  /// Level of the noise around the pitch beside the tone.
  var breath: Float = 0

  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float] {
    let curve = envelope.curve(gate: tone.gate)
    let count = Wavetable.harmonicCount(at: tone.frequency, atMost: 48)
    let soft = Wavetable(harmonics: Array(dark.prefix(count)))
    let loud = Wavetable(harmonics: Array(bright.prefix(count)))
    let bend = vibrato.bend(count: curve.count, phase: noise.next() * 0.5 + 0.5)
    var sum = [Float](repeating: 0, count: curve.count)
    for voice in 0..<voices {
      let cents = detune * (Float(voice) - Float(voices - 1) / 2)
      let increment = tone.frequency * ratio(cents: cents) / synthRate
      var phase = noise.next() * 0.5 + 0.5
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

/// A periodic bend of the pitch that sets in after a while.
struct Vibrato: Sendable {
  /// Samples between two values of the bend.
  static let block = 32
  /// Hz.
  var rate: Float
  /// Depth to either side.
  var cents: Float
  /// Seconds until the full depth.
  var delay: Float

  /// The frequency ratio of each block of samples.
  /// - Parameter phase: Where the swing starts, cycles in `0..<1`.
  func bend(count: Int, phase: Float) -> [Float] {
    let depth = ratio(cents: cents) - 1
    return (0...count / Vibrato.block).map { block in
      let time = Float(block * Vibrato.block) / synthRate
      let onset = delay > 0 ? min(1, time / delay) : 1
      return 1 + depth * onset * Wavetable.sine(wrapped(phase + rate * time))
    }
  }
}
