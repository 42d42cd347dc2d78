import Tensor

/// A subtractive synthesiser: two slightly detuned saw or pulse waves through a low-pass filter
/// with a sweep.
struct LeadPatch: Patch {
  /// The amplitudes of harmonics 1, 2, … before the filter.
  let wave: [Float]
  let detune: Float
  let envelope: Envelope
  /// The filter's cutoff at rest and at the peak of its envelope, as multiples of the pitch.
  let corner: (rest: Float, peak: Float)
  /// The time for the cutoff to fall back, seconds.
  let sweep: Float
  let quality: Float

  init(using stream: inout RandomStream) {
    let duty = stream.uniform(0.15...0.45)
    let isPulse = stream.chance(0.4)
    wave = (1...60).map { h in
      let saw = 1 / Float(h)
      return isPulse ? saw * Wavetable.sine(wrapped(duty * Float(h) / 2)) : saw
    }
    detune = stream.uniform(2...12)
    envelope = Envelope(
      attack: stream.logUniform(0.003...0.06), decay: stream.uniform(0.3...2),
      sustain: stream.uniform(0.3...0.9), release: stream.uniform(0.05...0.3))
    corner = (stream.logUniform(1.5...3), stream.logUniform(8...25))
    sweep = stream.logUniform(0.1...1.5)
    quality = stream.uniform(1.2...4)
  }

  func render(_ tone: Tone, noise: inout NoiseSource) -> [Float] {
    let count = Wavetable.harmonicCount(at: tone.frequency, atMost: wave.count)
    let table = Wavetable(harmonics: Array(wave.prefix(count)))
    let coefficients = sweepCoefficients(tone)
    var output = envelope.curve(gate: tone.gate)
    var filter = StateVariableFilter(quality: quality)
    let increment = tone.frequency / synthRate
    let (up, down) = (increment * ratio(cents: detune / 2), increment * ratio(cents: -detune / 2))
    var (a, b) = (noise.phase(), noise.phase())
    for i in output.indices {
      let g = coefficients[min(i / Vibrato.block, coefficients.count - 1)]
      let wave = filter(0.7 * (table(a) + table(b)), coefficient: g).low
      output[i] *= tone.velocity * wave
      a += up
      a -= a >= 1 ? 1 : 0
      b += down
      b -= b >= 1 ? 1 : 0
    }
    return output
  }

  /// The filter's coefficient for each block of samples until the end of the sweep.
  private func sweepCoefficients(_ tone: Tone) -> [Float] {
    let blocks = Int(sweep * synthRate) / Vibrato.block + 1
    let factor = power(decayFactor(seconds: sweep), Float(Vibrato.block))
    var above = (corner.peak - corner.rest) * tone.velocity
    return (0..<blocks).map { _ in
      above *= factor
      let cutoff = tone.frequency * (corner.rest + above)
      return StateVariableFilter.coefficient(cutoff: max(cutoff, 150))
    }
  }
}
